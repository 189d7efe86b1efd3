import { Button, Textarea } from '@mantine/core'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { currentLanguage } from '../../base/i18n'
import { useValue } from '../../base/react'
import { useTask } from '../school/context'
import { Ask } from '../school/form'
import type { Filter, ListState } from './list'
import { actsOn, type Choice, countOf, type ManyModel, type Refused, type Report } from './many'
import type { Act } from './review'
import classes from './bank.module.css'

const TOLD = 'many-told'

interface Props {
  many: ManyModel
  list: Extract<ListState, { phase: 'ready' }>
  filter: Filter
  may: readonly string[]
  /** Something is otherwise than the list shows. */
  done: () => void
}

/** What is done with many questions of the list: they are chosen, led on, and it is told what came of it. */
export function Many({ many, list, filter, may, done }: Props) {
  const { t } = useTranslation()
  const choice = useValue(many.state)
  const [asked, ask] = useState<Act | null>(null)
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Once the window is gone and has given the focus back.
    if (!asked) document.getElementById(TOLD)?.focus()
  }, [asked])
  const count = countOf(choice)
  /** The button that was pressed goes away with it. */
  const andBack = (act: () => void) => () => {
    act()
    box.current?.focus({ preventScroll: true })
  }
  const close = () => {
    if (choice.going) many.stop()
    else ask(null)
  }
  return (
    <>
      <div className={classes.many} data-chosen={count} role="group" aria-label={t('bank.many.title')}>
        <ChooseShown many={many} list={list} choice={choice} box={box} />
        <span role="status" className={count ? '' : 'vh'}>
          {count > 0 && t(choice.all ? 'bank.many.allChosen' : 'bank.many.chosen', { count })}
        </span>
        {!choice.all && choice.chosen.size > 0 && list.total > choice.chosen.size && (
          <button
            type="button"
            className={classes.link}
            onClick={andBack(() => many.chooseAll({ filter, total: list.total, at: list.at }))}
          >
            {t('bank.many.chooseAll', { count: list.total })}
          </button>
        )}
        {count > 0 && (
          <div className={classes.manyActs}>
            {actsOn(choice, may).map((act) => (
              <Button key={act.name} size="sm" variant="default" onClick={() => ask(act)}>
                {t(`bank.act.${act.name}`)}
              </Button>
            ))}
            <Button size="sm" variant="subtle" onClick={andBack(() => many.clear())}>
              {t('bank.many.clear')}
            </Button>
          </div>
        )}
      </div>
      {asked && (
        <Lead
          act={asked}
          choice={choice}
          close={close}
          lead={async (comment) => {
            await many.lead(asked, comment)
            ask(null)
            done()
          }}
        />
      )}
    </>
  )
}

type ShownProps = Pick<Props, 'many' | 'list'> & { choice: Choice; box: RefObject<HTMLInputElement | null> }

function ChooseShown({ many, list, choice, box }: ShownProps) {
  const { t } = useTranslation()
  const some = choice.all !== null || choice.chosen.size > 0
  const every = choice.all !== null || list.items.every(({ id }) => choice.chosen.has(id))
  useEffect(() => {
    if (box.current) box.current.indeterminate = some && !every
  })
  return (
    <label className={classes.pill}>
      <input
        type="checkbox"
        checked={every && some}
        ref={box}
        onChange={() => (some && every ? many.clear() : many.choose(list.items))}
      />
      {t('bank.many.chooseShown')}
    </label>
  )
}

interface LeadProps {
  act: Act
  choice: Choice
  close: () => void
  lead: (comment: string) => Promise<void>
}

/** Once more, before it is done with that many: with a comment where that belongs to it. */
function Lead({ act, choice, close, lead }: LeadProps) {
  const { t } = useTranslation()
  const task = useTask()
  const [comment, setComment] = useState('')
  const [tried, setTried] = useState(false)
  const { going } = choice
  const [count] = useState(countOf(choice))
  const needed = act.name === 'return'
  const send = () => {
    setTried(true)
    if (!needed || comment.trim()) void task.run(() => lead(comment.trim()))
  }
  return (
    <Ask title={t(`bank.act.${act.name}`)} close={close} task={task} submit={t(`bank.act.${act.name}`)} send={send}>
      <p>{t('bank.many.asked', { count })}</p>
      <p className="muted sm">{t(`bank.many.rule.${act.name}`)}</p>
      {act.asks && (
        <Textarea
          label={t('bank.comment')}
          description={t(needed ? 'bank.many.commentNeeded' : 'bank.commentFree')}
          value={comment}
          rows={3}
          maxLength={2000}
          data-autofocus
          disabled={going !== null}
          error={tried && needed && !comment.trim() && t('common.fillIn')}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
      )}
      <div role="status">
        {going && (
          <>
            <progress className={classes.progress} max={going.of} value={going.done} aria-label={t('bank.many.title')} />
            <span className="muted sm num"> {t('bank.many.going', { done: going.done, of: going.of })}</span>
          </>
        )}
      </div>
    </Ask>
  )
}

/** How many were led on, and why the others were not. */
export function Told({ report, close }: { report: Report; close: () => void }) {
  const { t } = useTranslation()
  const { act, changed, already, refused, cut } = report
  const left = refused.reduce((sum, { count }) => sum + count, 0)
  return (
    <section className={`card ${classes.aboutItem}`} aria-label={t('bank.many.report')} data-changed={changed} data-left={left}>
      <h2 id={TOLD} tabIndex={-1} className={classes.toldTitle}>
        <span className={`st ${changed ? 'ok' : 'attn'}`}>
          {t(`bank.many.done.${act}`)}: <span className="num">{changed}</span>
        </span>
      </h2>
      {already > 0 && <p className="muted sm">{t('bank.many.already', { count: already })}</p>}
      {cut && <p className="st attn">{t('bank.many.cut')}</p>}
      {left > 0 && (
        <>
          <p>{t('bank.many.left', { count: left })}</p>
          <ul className={classes.rows}>
            {refused.map((one) => (
              <Why key={one.why} refused={one} />
            ))}
          </ul>
        </>
      )}
      <div>
        <Button size="sm" variant="default" onClick={close}>
          {t('bank.report.done')}
        </Button>
      </div>
    </section>
  )
}

function Why({ refused: { why, count, items } }: { refused: Refused }) {
  const { t } = useTranslation()
  const known = items.filter(({ titles }) => titles.kk || titles.ru || titles.en)
  return (
    <li data-why={why}>
      <span className="st bad">
        <b className="num">{count}</b> · {t([`bank.many.why.${why}`, 'bank.many.why.other'])}
      </span>
      {known.length > 0 && (
        <details className={classes.folded}>
          <summary>{t('bank.many.which')}</summary>
          <ul className={classes.inside}>
            {known.map(({ id, titles: { kk, ru, en } }) => (
              <li key={id}>
                <Link href={`/items/${id}`}>{{ kk, ru, en }[currentLanguage()] || kk || ru || en}</Link>
              </li>
            ))}
            {count > items.length && <li className="muted sm">{t('bank.many.andMore', { count: count - items.length })}</li>}
          </ul>
        </details>
      )}
    </li>
  )
}
