import { Button, Textarea } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from '../../../ui/Dialog'
import { Formula } from '../../questions/Formula'
import classes from '../bank.module.css'
import { Tick } from './Small'

/** What is put where the cursor stands; `□` is where one writes on. */
const PIECES = [
  ...['\\frac{□}{ }', '\\sqrt{□}', '\\sqrt[3]{□}', 'x^{□}', 'x_{□}', '\\left(□\\right)', '|□|'],
  ...['\\cdot', ':', '\\pm', '\\le', '\\ge', '\\ne', '\\approx', '\\infty', '\\pi', '\\alpha', '\\beta', '\\Delta'],
  ...['\\angle', '\\triangle', '\\perp', '\\parallel', '^{\\circ}', '\\vec{□}', '\\overline{□}', '\\log_{□}'],
  ...['\\sin', '\\cos', '\\sum_{□}^{ }', '\\int_{□}^{ }', '\\lim_{□}', '\\in', '\\cup', '\\cap', '\\Rightarrow', '\\to'],
  ...['\\begin{cases}□ \\\\ \\end{cases}'],
]
const SHOWN: Record<string, string> = { ':': ':', '|□|': '|x|', '^{\\circ}': '90^{\\circ}' }

interface Props {
  source: string
  close: () => void
  done: (source: string, block: boolean) => void
}

/** Writes a formula: by pieces or as KaTeX, seen at once as it will stand. */
export function FormulaDialog({ source: first, close, done }: Props) {
  const { t } = useTranslation()
  const [source, setSource] = useState(first)
  const [block, setBlock] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const put = (piece: string) => {
    const at = field.current
    if (!at) return
    const chosen = at.value.slice(at.selectionStart, at.selectionEnd)
    const made = piece.replace('□', chosen)
    const hole = piece.indexOf('□')
    const from = at.selectionStart
    const spaced = /[a-z]$/i.test(made) && /\\/.test(made) ? `${made} ` : made
    at.setRangeText(spaced, from, at.selectionEnd, 'end')
    if (hole >= 0) at.setSelectionRange(from + hole + chosen.length, from + hole + chosen.length)
    at.focus()
    setSource(at.value)
  }
  const insert = () => {
    const made = source.trim().replaceAll('$', '')
    if (made) done(made, block)
    close()
  }
  return (
    <Dialog opened close={close} title={t('bank.formula')} wide>
      <div className={classes.formulaForm}>
        <div className={classes.pieces} role="group" aria-label={t('bank.pieces')}>
          {PIECES.map((piece) => (
            <button key={piece} type="button" title={piece.replace('□', '')} onClick={() => put(piece)}>
              <Formula source={SHOWN[piece] ?? shownPiece(piece)} block={false} />
            </button>
          ))}
        </div>
        <Textarea
          ref={field}
          label={t('bank.formulaSource')}
          description={t('bank.formulaHelp')}
          value={source}
          rows={2}
          spellCheck={false}
          data-autofocus
          onChange={(event) => setSource(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return
            event.preventDefault()
            insert()
          }}
        />
        <div className={classes.formulaLook} aria-label={t('bank.looksSo')} role="group">
          {source.trim() ? <Formula source={source} block={block} /> : <span className="muted sm">{t('bank.looksSo')}</span>}
        </div>
        <Tick label={t('bank.formulaBlock')} checked={block} onChange={setBlock} />
        <div className={classes.row}>
          <Button onClick={insert}>{t('bank.insert')}</Button>
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function shownPiece(piece: string): string {
  return piece.replace('□', 'a').replace('{ }', '{b}').replace('\\\\ ', '\\\\ b')
}
