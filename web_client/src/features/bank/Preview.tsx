import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { explain } from '../../base/errors'
import { FieldError } from '../../ui/FieldError'
import { Icon } from '../../ui/Icon'
import { Question } from '../questions/Question'
import { LANGUAGE_NAMES } from './context'
import { languagesOf } from './draft'
import type { EditorModel, Writing } from './editor'
import { partName, partsOf } from './outcome'
import type { Outcome } from './shapes'
import classes from './bank.module.css'

/** The question as a learner sees it; its author answers, and hears what the answer is worth. */
export function Preview({ model, now }: { model: EditorModel; now: Writing }) {
  const { t } = useTranslation()
  const { trial, item, media } = now
  const languages = languagesOf(item.prompt)
  const draws = (item.parameters?.length ?? 0) > 0
  return (
    <section className={`card ${classes.preview}`} aria-labelledby="preview" data-preview={trial.shown ? 'shown' : 'none'}>
      <header>
        <h2 id="preview" className="grow">
          {t('bank.preview')}
        </h2>
        {languages.length > 1 && (
          <div className="seg" role="group" aria-label={t('bank.previewLanguage')}>
            {languages.map((one) => (
              <button key={one} type="button" aria-pressed={trial.language === one} lang={one} onClick={() => model.look({ language: one })}>
                {LANGUAGE_NAMES[one]}
              </button>
            ))}
          </div>
        )}
      </header>
      <div className={classes.previewBody}>
        {trial.shown ? (
          <>
            <Question
              key={`${trial.seed} ${trial.language}`}
              shown={trial.shown}
              answer={trial.answer}
              onAnswer={(answer) => model.answer(answer)}
              language={trial.language}
              media={media}
            />
            <div className={classes.row}>
              <Button size="sm" variant="default" disabled={!trial.answer || trial.busy} onClick={() => void model.try()}>
                {t('bank.try')}
              </Button>
              <Button size="sm" variant="subtle" leftSection={<Icon name="shuffle" size={18} />} onClick={() => model.look({ seed: trial.seed + 1 })}>
                {t(draws ? 'bank.drawAnew' : 'bank.shuffleAnew')}
              </Button>
            </div>
          </>
        ) : (
          <p className="muted">{t(now.checked || now.faults.length ? 'bank.notYetShown' : 'bank.previewSoon')}</p>
        )}
        {trial.error !== null && <FieldError>{explain(trial.error)}</FieldError>}
        <div role="status">{trial.outcome && <Worth outcome={trial.outcome} now={now} />}</div>
      </div>
    </section>
  )
}

const SIGNS: Record<string, string> = { right: 'ok', partly: 'attn', wrong: 'bad', extra: 'bad', unread: 'attn', unit: 'attn' }

function Worth({ outcome, now }: { outcome: Outcome; now: Writing }) {
  const { t } = useTranslation()
  const { item, trial } = now
  const full = Number(outcome.points) >= Number(outcome.most)
  const sign = outcome.needs_person ? '' : full ? 'ok' : Number(outcome.points) > 0 ? 'attn' : 'bad'
  return (
    <div className={classes.worth} data-points={outcome.points}>
      <p className={`st ${sign}`}>
        {outcome.needs_person ? t('bank.markedByHand', outcome) : t('bank.worth', { points: outcome.points, most: outcome.most })}
      </p>
      <ul>
        {partsOf(outcome).map((part, at) => (
          <li key={`${part.where} ${at}`}>
            <span className={`st ${SIGNS[part.why] ?? ''}`}>{t(`bank.part.${part.why}`)}</span>
            <span className="grow">{trial.shown && partName(item, trial.shown, part.where, t)}</span>
            {part.of !== '0' && (
              <span className="num muted sm">
                {part.got} / {part.of}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
