import { Button, Textarea } from '@mantine/core'
import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../api/types'
import { RichText } from '../../questions/Rich'
import { LANGUAGE_NAMES, useEditing } from '../context'
import { languagesOf, say } from '../draft'
import { isWritten, type Media, type Rich, type Words } from '../plain'
import { isTypable, lettersOf, mediaOf, read, runsOf, written } from '../writing'
import classes from '../bank.module.css'
import { FaultsHere } from './Faults'
import { MediaRows } from './MediaRows'
import { Tools } from './Tools'

interface Props {
  label: string
  where: string
  words: Words | undefined
  onChange: (words: Words) => void
  /** Rows at least. */
  rows?: number
  /** The label is only heard. */
  quiet?: boolean
  help?: ReactNode
  /** Lists and headings have a place in it. */
  blocks?: boolean
  /** Puts a gap where the cursor stands; answers its id. */
  gap?: () => string
  /** Enter leads on instead of beginning a line. */
  onEnter?: (language: Language) => void
  /** Several lines were pasted into an empty field. */
  onLines?: (language: Language, lines: string[]) => void
  autoFocus?: boolean
}

/** One text of a question, in each language that is on the page. */
export function WordsField({ where, words, onChange, ...rest }: Props) {
  const { languages, disabled } = useEditing()
  const shown = disabled ? languages.filter((one) => isWritten(words?.[one]) || one === languages[0]) : languages
  return (
    <div className={classes.words} data-where={where} data-count={shown.length}>
      {shown.map((language, at) => (
        <WordsIn
          key={language}
          {...rest}
          autoFocus={rest.autoFocus === true && at === 0}
          where={where}
          language={language}
          words={words ?? {}}
          put={(rich) => onChange(say(words, language, rich))}
        />
      ))}
      <FaultsHere where={where} />
    </div>
  )
}

type InProps = Omit<Props, 'words' | 'onChange'> & {
  language: Language
  words: Words
  put: (rich: Rich) => void
}

function WordsIn({ label, language, words, put, where, rows = 1, quiet, help, blocks, gap, onEnter, onLines, autoFocus }: InProps) {
  const { t } = useTranslation()
  const { languages, disabled, media } = useEditing()
  const rich = words[language]
  const { text, type, held, hold } = useTyped(rich, put)
  const field = useRef<HTMLTextAreaElement>(null)
  const name = languages.length > 1 ? `${label} · ${LANGUAGE_NAMES[language]}` : label
  if (!isTypable(rich)) return <Untypable name={name} rich={rich ?? {}} put={put} />
  const other = languagesOf(words).find((one) => one !== language)
  const placeholder = !text && other ? `${other}: ${lettersOf(words[other]).slice(0, 80)}` : quiet ? label : undefined
  return (
    <div className={classes.word} data-tall={rows > 1}>
      <Textarea
        ref={field}
        {...(quiet ? { 'aria-label': name } : { label: name })}
        description={help}
        value={text}
        lang={language}
        disabled={disabled}
        rows={Math.min(12, Math.max(rows, text.split('\n').length))}
        {...(placeholder && { placeholder })}
        data-language={language}
        data-autofocus={autoFocus || undefined}
        autoFocus={autoFocus ?? false}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => entered(event, onEnter && (() => onEnter(language)))}
        onPaste={(event) => !text && pasted(event, onLines && ((lines) => onLines(language, lines)))}
      />
      {!disabled && (
        <Tools field={field} type={type} held={held} hold={hold} blocks={blocks ?? false} {...(gap && { gap })} />
      )}
      {isWritten(rich) && needsLook(rich) && (
        <div className={classes.look} lang={language} data-look={where} aria-label={t('bank.looksSo')} role="group">
          <RichText rich={rich} media={media} blank={(id) => <span className={classes.blank}>{id}</span>} />
        </div>
      )}
      <MediaRows media={mediaOf(rich)} name={name} change={hold} />
    </div>
  )
}

/** What is typed, as long as it says the same as what is kept. */
function useTyped(rich: Rich | null | undefined, put: (rich: Rich) => void) {
  const [typed, setTyped] = useState(() => ({ text: written(rich), rich }))
  const held = useRef<Media[]>(mediaOf(rich))
  useEffect(() => {
    if (rich === typed.rich || (!isWritten(rich) && !isWritten(typed.rich))) return
    held.current = withAll(held.current, mediaOf(rich))
    setTyped({ text: written(rich), rich })
  }, [rich])
  const type = (text: string) => {
    const made = read(text, held.current)
    setTyped({ text, rich: made })
    put(made)
  }
  return {
    text: typed.text,
    type,
    held: held.current,
    hold: (media: Media) => {
      held.current = withAll(held.current, [media])
      type(typed.text)
    },
  }
}

function withAll(held: readonly Media[], more: readonly Media[]): Media[] {
  const names = new Set(more.map(({ name }) => name))
  return [...held.filter(({ name }) => !names.has(name)), ...more]
}

/** Whether it looks other than it is typed. */
function needsLook(rich: Rich): boolean {
  const plain = rich.blocks?.every((block) => block.kind === 'paragraph' && !block.level && !block.code)
  return !plain || runsOf(rich).some((run) => run.kind !== 'text' || !!run.marks?.length)
}

function entered(event: KeyboardEvent, onEnter: (() => void) | undefined): void {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || !onEnter) return
  event.preventDefault()
  onEnter()
}

function pasted(event: ClipboardEvent, onLines: ((lines: string[]) => void) | undefined): void {
  const lines = event.clipboardData.getData('text/plain').split(/\r?\n/).map((one) => one.trim()).filter(Boolean)
  if (lines.length < 2 || !onLines) return
  event.preventDefault()
  onLines(lines)
}

/** A text that came from elsewhere, with what cannot be typed here: it stays as it is, or is written anew. */
function Untypable({ name, rich, put }: { name: string; rich: Rich; put: (rich: Rich) => void }) {
  const { t } = useTranslation()
  const { media, disabled } = useEditing()
  return (
    <div className={classes.word} role="group" aria-label={name}>
      <span className="sb-label">{name}</span>
      <div className={classes.look}>
        <RichText rich={rich} media={media} />
      </div>
      {!disabled && (
        <div className={classes.untypable}>
          <p className="muted sm">{t('bank.untypable')}</p>
          <Button size="sm" variant="default" onClick={() => put(read(lettersOf(rich)))}>
            {t('bank.writeAnew')}
          </Button>
        </div>
      )}
    </div>
  )
}
