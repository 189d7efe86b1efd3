import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import * as Y from 'yjs'
import { useValue } from '../../../base/react'
import { Icon } from '../../../ui/Icon'
import { saveAs } from '../save'
import { Saved } from '../Saved'
import type { BoardSync } from '../sync'
import classes from '../View.module.css'
import { moved, writeInto } from './text'

const MINE = 'typed here'

/** A text that all write together, in Markdown or plain. */
export function Notes({ sync, name }: { sync: BoardSync; name: string }) {
  const { t } = useTranslation()
  const field = useRef<HTMLTextAreaElement>(null)
  const mayWrite = useValue(sync.mayWrite)
  const state = useValue(sync.state)
  useEffect(() => (field.current ? bind(field.current, sync.doc.getText('notes')) : undefined), [sync])
  const save = () => {
    const text = sync.doc.getText('notes').toString()
    saveAs(new Blob([text], { type: 'text/markdown;charset=utf-8' }), `${name}.md`)
  }
  return (
    <section className={classes.notes} aria-label={t('board.notes')}>
      <textarea
        ref={field}
        aria-label={t('board.notes')}
        placeholder={mayWrite ? t('board.notesHint') : ''}
        readOnly={!mayWrite || state === 'opening' || state === 'failed'}
        spellCheck={false}
        data-notes={state}
      />
      <div className={classes.foot}>
        <Saved sync={sync} />
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="download" size={16} />}
          onClick={save}
        >
          {t('board.saveNotes')}
        </Button>
      </div>
    </section>
  )
}

/** Keeps field and text the same; the cursor stays at its word. Undo takes back one's own words only. */
function bind(field: HTMLTextAreaElement, text: Y.Text): () => void {
  const undo = new Y.UndoManager(text, { trackedOrigins: new Set([MINE]) })
  const typed = () => writeInto(text, field.value, MINE)
  const show = (event: Y.YTextEvent, { origin }: Y.Transaction) => {
    if (origin === MINE) return
    const delta = event.delta as { retain?: number; insert?: unknown; delete?: number }[]
    const { scrollTop } = field
    const [start, end] = [moved(field.selectionStart, delta), moved(field.selectionEnd, delta)]
    field.value = text.toString()
    field.setSelectionRange(start, end)
    field.scrollTop = scrollTop
  }
  const press = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.code !== 'KeyZ') return
    event.preventDefault()
    if (event.shiftKey) undo.redo()
    else undo.undo()
  }
  field.value = text.toString()
  text.observe(show)
  field.addEventListener('input', typed)
  field.addEventListener('keydown', press)
  return () => {
    text.unobserve(show)
    undo.destroy()
    field.removeEventListener('input', typed)
    field.removeEventListener('keydown', press)
  }
}
