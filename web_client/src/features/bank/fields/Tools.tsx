import { type RefObject, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import classes from '../bank.module.css'
import { useEditing } from '../context'
import type { Media } from '../plain'
import { freeName } from '../writing'
import { FormulaDialog } from './FormulaDialog'

interface Props {
  field: RefObject<HTMLTextAreaElement | null>
  type: (text: string) => void
  held: readonly Media[]
  hold: (media: Media) => void
  blocks: boolean
  gap?: () => string
}

const MARKS = [
  { tag: 'b', name: 'bold', sign: 'B' },
  { tag: 'i', name: 'italic', sign: 'I' },
  { tag: 'sup', name: 'sup', sign: 'x²' },
  { tag: 'sub', name: 'sub', sign: 'x₂' },
] as const

/** What can be put into a text beside letters. Shown while the text, or one of these, has the focus. */
export function Tools({ field, type, held, hold, blocks, gap }: Props) {
  const { t } = useTranslation()
  const { add } = useEditing()
  const chooser = useRef<HTMLInputElement>(null)
  const [asks, setAsks] = useState<{ source: string } | null>(null)
  const [error, setError] = useState<unknown>(null)
  const put = (before: string, after = '') => {
    const at = field.current
    if (!at) return
    const chosen = at.value.slice(at.selectionStart, at.selectionEnd)
    const start = at.selectionStart + before.length
    at.setRangeText(before + chosen + after, at.selectionStart, at.selectionEnd, 'end')
    if (after) at.setSelectionRange(start, start + chosen.length)
    at.focus()
    type(at.value)
  }
  const line = (sign: string) => {
    const at = field.current
    if (!at) return
    const from = at.value.lastIndexOf('\n', at.selectionStart - 1) + 1
    at.setRangeText(sign, from, from, 'end')
    at.setSelectionRange(at.value.length, at.value.length)
    at.focus()
    type(at.value)
  }
  const choose = async (file: File) => {
    setError(null)
    try {
      const { url: _, ...made } = await add(file)
      const media = { ...made, name: freeName(made.name, held) }
      hold(media)
      put(`![${media.name}]`)
    } catch (no) {
      setError(no)
    }
  }
  return (
    <div className={classes.tools} role="group" aria-label={t('bank.tools')} onMouseDown={keepFocus}>
      {gap && (
        <button type="button" className={classes.wide} onClick={() => put(`[[${gap()}]]`)}>
          {t('bank.addGap')}
        </button>
      )}
      {MARKS.map(({ tag, name, sign }) => (
        <button key={tag} type="button" data-mark={name} aria-label={`${sign}: ${t(`bank.mark.${name}`)}`} title={t(`bank.mark.${name}`)} onClick={() => put(`[${tag}]`, `[/${tag}]`)}>
          {sign}
        </button>
      ))}
      {blocks && (
        <button type="button" aria-label={`• ${t('bank.mark.list')}`} title={t('bank.mark.list')} onClick={() => line('- ')}>
          •
        </button>
      )}
      <button type="button" onClick={() => setAsks({ source: chosenIn(field.current) })} className={classes.wide}>
        {t('bank.formula')}
      </button>
      <button type="button" className={classes.wide} onClick={() => chooser.current?.click()}>
        <Icon name="paperclip" size={16} />
        {t('bank.addMedia')}
      </button>
      <input
        ref={chooser}
        type="file"
        hidden
        accept="image/*,audio/*,video/*"
        data-media-file=""
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) void choose(file)
        }}
      />
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      {asks && (
        <FormulaDialog
          source={asks.source}
          close={() => setAsks(null)}
          done={(source, block) => put(block ? `$$$${source}$$$` : `$$${source}$$`)}
        />
      )}
    </div>
  )
}

/** The text keeps its cursor while a button beside it is pressed. */
function keepFocus(event: { preventDefault: () => void; target: EventTarget }): void {
  if (event.target instanceof HTMLElement && event.target.closest('[role=dialog]')) return
  event.preventDefault()
}

function chosenIn(field: HTMLTextAreaElement | null): string {
  return field ? field.value.slice(field.selectionStart, field.selectionEnd).replaceAll('$', '') : ''
}
