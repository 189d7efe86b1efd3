import { useTranslation } from 'react-i18next'
import { useBody } from '../context'
import { freshCriterion, freeId, languagesOf } from '../draft'
import { Add, Decimal, Folded, Group, Line, RowButtons, Tick, Whole } from '../fields/Small'
import { FaultsHere } from '../fields/Faults'
import { WordsField } from '../fields/Words'
import type { Criterion, Essay, Files, Level, Spoken } from '../plain'
import classes from '../bank.module.css'

const MEGABYTE = 1_000_000

/** What a person will mark: limits, a rubric, and a model answer for markers. */
export function ByHand() {
  const { t } = useTranslation()
  const { body, put } = useBody<Essay | Files | Spoken>()
  return (
    <>
      {body.kind === 'essay' && <EssayLimits />}
      {body.kind === 'file' && <FileLimits />}
      {body.kind === 'spoken' && (
        <Group title={t('bank.howSpoken')} text={t('bank.liveText')}>
          <Tick label={t('bank.live')} checked={body.live ?? false} onChange={(live) => put({ live })} />
          {!body.live && (
            <Whole label={t('bank.mostSeconds')} where="body.most_seconds" value={body.most_seconds ?? 120} className={classes.field} onChange={(most_seconds) => put({ most_seconds: most_seconds ?? 120 })} />
          )}
        </Group>
      )}
      <Rubric rubric={body.rubric ?? []} put={(rubric) => put({ rubric })} />
      <Folded title={t('bank.sample')} open={languagesOf(body.sample).length > 0}>
        <WordsField label={t('bank.sample')} where="body.sample" words={body.sample} rows={3} blocks onChange={(sample) => put({ sample })} help={t('bank.sampleText')} />
      </Folded>
    </>
  )
}

function EssayLimits() {
  const { t } = useTranslation()
  const { body, put } = useBody<Essay>()
  return (
    <Group title={t('bank.limits')}>
      <div className={classes.pair}>
        <Whole label={t('bank.leastWords')} where="body.least_words" value={body.least_words} onChange={(least_words) => put({ least_words: least_words ?? 0 })} />
        <Whole label={t('bank.mostWords')} where="body.most_words" value={body.most_words} onChange={(most_words) => put({ most_words: most_words ?? 0 })} help={t('bank.noneIsAny')} />
      </div>
    </Group>
  )
}

function FileLimits() {
  const { t } = useTranslation()
  const { body, put } = useBody<Files>()
  const { types = [], most_bytes = 10 * MEGABYTE, most_files = 1 } = body
  return (
    <Group title={t('bank.limits')}>
      <Line label={t('bank.fileTypes')} where="body.types" value={types.join(' ')} placeholder="pdf docx jpg" help={t('bank.fileTypesText')} onChange={(text) => put({ types: text.toLowerCase().split(/[\s,;.]+/).filter(Boolean) })} />
      <div className={classes.pair}>
        <Whole label={t('bank.mostMegabytes')} where="body.most_bytes" value={Math.round(most_bytes / MEGABYTE)} onChange={(megabytes) => put({ most_bytes: (megabytes || 1) * MEGABYTE })} />
        <Whole label={t('bank.mostFiles')} where="body.most_files" value={most_files} onChange={(files) => put({ most_files: files || 1 })} />
      </div>
    </Group>
  )
}

function Rubric({ rubric, put }: { rubric: readonly Criterion[]; put: (rubric: Criterion[]) => void }) {
  const { t } = useTranslation()
  const change = (at: number, part: Partial<Criterion>) => put(rubric.map((one, n) => (n === at ? { ...one, ...part } : one)))
  return (
    <Group title={t('bank.rubric')} where="body.rubric" text={t('bank.rubricText')}>
      {rubric.map((one, at) => {
        const here = `body.rubric[${at}]`
        const name = t('bank.criterion', { number: at + 1 })
        return (
          <section key={one.id} className={classes.gap} aria-label={name} data-criterion={at}>
            <div className={classes.keyRow}>
              <div className={classes.wideField}>
                <WordsField label={name} where={`${here}.words`} words={one.words} onChange={(words) => change(at, { words })} />
              </div>
              <RowButtons name={name} at={at} of={rubric.length} remove={() => put(rubric.filter((_, n) => n !== at))} />
            </div>
            <Levels levels={one.levels} where={`${here}.levels`} put={(levels) => change(at, { levels })} />
            <Tick label={t('bank.criterionShown')} checked={one.shown ?? false} onChange={(shown) => change(at, { shown })} />
          </section>
        )
      })}
      <Add act={() => put([...rubric, freshCriterion(rubric)])}>{t('bank.addCriterion')}</Add>
    </Group>
  )
}

function Levels({ levels, where, put }: { levels: readonly Level[]; where: string; put: (levels: Level[]) => void }) {
  const { t } = useTranslation()
  const change = (at: number, part: Partial<Level>) => put(levels.map((one, n) => (n === at ? { ...one, ...part } : one)))
  return (
    <div data-where={where}>
      <ul className={classes.rows}>
        {levels.map((one, at) => {
          const name = t('bank.level', { number: at + 1 })
          return (
            <li key={one.id} className={classes.keyRow}>
              <Decimal label={t('bank.points')} where={`${where}[${at}].points`} value={one.points} className={classes.tiny} onChange={(points) => change(at, { points: points ?? '0' })} />
              <div className={classes.wideField}>
                <WordsField label={name} where={`${where}[${at}].words`} words={one.words} onChange={(words) => change(at, { words })} />
              </div>
              <RowButtons name={name} at={at} of={levels.length} remove={() => put(levels.filter((_, n) => n !== at))} />
            </li>
          )
        })}
      </ul>
      <FaultsHere where={where} />
      <Add act={() => put([...levels, { id: freeId(levels), words: {}, points: String(levels.length) }])}>{t('bank.addLevel')}</Add>
    </div>
  )
}
