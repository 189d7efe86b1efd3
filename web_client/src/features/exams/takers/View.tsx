import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { ExamView, TakerView } from '../../../api/exams'
import { lengthOf } from '../../../base/format'
import { useMe } from '../../../me'
import { useServices } from '../../../services'
import { useTask } from '../../school/context'
import { Ask, Ticks } from '../../school/form'
import { Empty, Shown } from '../../school/Frame'
import { tell } from '../../school/tell'
import classes from '../exams.module.css'
import { failedIn } from '../results/model'
import { endOfDay, momentOf } from '../moments'
import { Check, StateWord } from '../parts'
import { useExams, useLoaded } from '../use'
import { type Allowed, allowedOf, forResit, inOrder, percentOf, standingOf, takerData } from './model'

/** Who is to pass it: seats, time of their own, who is let off and who is let in. */
export default function Takers({ exam }: { exam: ExamView }) {
  const { t } = useTranslation()
  const exams = useExams()
  const takers = useLoaded(() => exams.takers(exam.id), [exam.id, exam.version])
  const [open, setOpen] = useState<TakerView>()
  const [again, setAgain] = useState(false)
  const isChair = exam.part === 'chair'
  return (
    <Shown list={takers}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('exams.nobody')} text={t(exam.state === 'draft' ? 'exams.nobodyDraft' : 'exams.nobodyText')} />
        ) : (
          <>
            <div className={classes.row}>
              <span className="muted sm">{t('exams.learners', { count: items.length })}</span>
              {isChair && exam.state !== 'draft' && exam.data.kind !== 'practice' && (
                <Button variant="default" size="sm" onClick={() => setAgain(true)}>
                  {t('exams.resit')}
                </Button>
              )}
            </div>
            <ul className={classes.people} aria-label={t('exams.tab.takers')}>
              {inOrder(items).map((taker) => (
                <Row key={taker.person_id} taker={taker} {...(isChair && { edit: () => setOpen(taker) })} />
              ))}
            </ul>
            {open && (
              <OneTaker
                exam={exam}
                taker={open}
                close={() => setOpen(undefined)}
                done={() => void takers.read()}
              />
            )}
            {again && <Resit exam={exam} takers={items} close={() => setAgain(false)} />}
          </>
        )
      }
    </Shown>
  )
}

function Row({ taker, edit }: { taker: TakerView; edit?: () => void }) {
  const { t } = useTranslation()
  const { name, group, seat, factor, extra_seconds, sittings } = taker
  const standing = standingOf(taker)
  const last = sittings.at(-1)
  const percent = percentOf(factor)
  const own = [percent && `+${percent} %`, extra_seconds && `+${lengthOf(extra_seconds * 1000)}`].filter(Boolean)
  return (
    <li className={classes.person} data-taker={taker.person_id}>
      <span>
        <b>{name}</b>
        {group && <span className="muted sm"> · {group}</span>}
      </span>
      {standing === 'sat' && last ? (
        <StateWord state={last.state} />
      ) : (
        <span className={`st ${standing === 'expected' ? '' : 'attn'}`}>{t(`exams.standing.${standing}`)}</span>
      )}
      <span className="sm">{seat && t('exams.seatIs', { seat })}</span>
      <span className="sm num">{own.join(' ')}</span>
      {edit ? (
        <Button variant="default" size="sm" aria-label={t('exams.changeTaker', { name })} onClick={edit}>
          {t('exams.change')}
        </Button>
      ) : (
        <span />
      )}
    </li>
  )
}

interface OneProps {
  exam: ExamView
  taker: TakerView
  close: () => void
  done: () => void
}

function OneTaker({ exam, taker, close, done }: OneProps) {
  const { t } = useTranslation()
  const exams = useExams()
  const task = useTask()
  const [value, setValue] = useState(() => allowedOf(taker))
  const set = (part: Partial<Allowed>) => setValue((before) => ({ ...before, ...part }))
  const text = (name: 'seat' | 'percent' | 'minutes' | 'refusal') => ({
    value: value[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  })
  const send = async () => {
    const kept = await task.run(() => exams.changeTaker(exam.id, taker.person_id, takerData(value)))
    if (!kept) return
    tell(t('school.saved'))
    done()
    close()
  }
  return (
    <Ask title={taker.name} close={close} task={task} submit={t('school.save')} send={() => void send()}>
      <TextInput label={t('exams.seat')} maxLength={40} {...text('seat')} />
      <div className={classes.pair}>
        <TextInput label={t('exams.longer')} description={t('exams.longerHelp')} inputMode="decimal" {...text('percent')} />
        <TextInput label={t('exams.extra')} description={t('exams.extraHelp')} inputMode="decimal" {...text('minutes')} />
      </div>
      <div>
        <Check
          label={t('exams.exempt')}
          help={t('exams.exemptHelp')}
          checked={value.exempt}
          change={(exempt) => set({ exempt })}
        />
        {taker.check && (
          <Check
            label={t('exams.admitAnyway')}
            help={t([`error.${taker.check}`, 'exams.checkRefuses'])}
            checked={value.admitted}
            change={(admitted) => set({ admitted })}
          />
        )}
      </div>
      <TextInput
        label={t('exams.refusal')}
        description={t('exams.refusalHelp')}
        maxLength={500}
        {...text('refusal')}
      />
    </Ask>
  )
}

const OPEN_HOURS = 24

/** Another try for some: a test of its own with the same questions and rules. */
function Resit({ exam, takers, close }: { exam: ExamView; takers: readonly TakerView[]; close: () => void }) {
  const { t } = useTranslation()
  const exams = useExams()
  const { zone } = useMe()
  const { clock } = useServices()
  const [, go] = useLocation()
  const task = useTask()
  const failed = useLoaded(async () => failedIn((await exams.results(exam.id)).rows), [exam.id])
  const [chosen, setChosen] = useState<ReadonlySet<string>>()
  const [closes, setCloses] = useState(() => endOfDay(clock.now(), zone, OPEN_HOURS))
  const known = failed.phase === 'ready' ? failed.value : new Set<string>()
  const ticked = chosen ?? new Set(forResit(takers, known))
  const send = () =>
    task.run(async () => {
      const body = { persons: [...ticked], opens_at: null, closes_at: momentOf(closes, zone) }
      const made = await exams.resit(exam.id, body)
      go(`/exams/${made.id}`)
    })
  return (
    <Ask
      title={t('exams.resit')}
      close={close}
      task={task}
      submit={t('exams.resitMake')}
      send={() => void (ticked.size > 0 && send())}
    >
      <p className="muted sm">{t('exams.resitText')}</p>
      <Ticks
        legend={t('exams.resitWho')}
        choices={takers
          .filter(({ exempt }) => !exempt)
          .map(({ person_id, name, group }) => ({ id: person_id, name, second: group }))}
        chosen={ticked}
        change={setChosen}
      />
      <TextInput
        type="datetime-local"
        label={t('exams.closes')}
        value={closes}
        onChange={(event) => setCloses(event.currentTarget.value)}
      />
    </Ask>
  )
}
