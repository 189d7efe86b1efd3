import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart, useValue } from '../../base/react'
import { setLanguage } from '../../base/i18n'
import { Icon } from '../../ui/Icon'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { inField, Question } from '../questions/Question'
import { isLive } from '../questions/shapes'
import { Sign } from '../questions/Sign'
import { Band } from './Band'
import { Call } from './Call'
import { HandIn } from './HandIn'
import { Messages } from './Messages'
import { Navigator, NavigatorDialog } from './Navigator'
import { Onward, TurnWaits } from './OneByOne'
import classes from './Room.module.css'
import type { QuestionView, SittingView } from './shapes'
import type { Sitting } from './sitting'
import { hasNext, isOneByOne, totalOf } from './time'
import { Top } from './Top'

/** The question is the page; around it the time, what is saved, and the way to the other questions. */
export function Room({ sitting, view }: { sitting: Sitting; view: SittingView }) {
  const { t } = useTranslation()
  const { place, error, handingIn, turning, busy } = useValue(sitting.state)
  const [ending, setEnding] = useState(false)
  const [listed, setListed] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const question = view.questions.find((one) => one.place === place)
  const total = totalOf(view)
  const oneByOne = isOneByOne(view)
  useEffect(() => {
    if (!JSON.stringify(view.questions).includes('"formula"')) return
    const timer = setTimeout(() => void keepFormulas().catch(() => undefined), 3_000)
    return () => clearTimeout(timer)
  }, [view.questions])
  useWayKeys(sitting, oneByOne ? undefined : question)
  usePage(view.exam.title) // what comes after the room brings the focus to its heading
  const isLast = question?.place === view.questions.at(-1)?.place
  return (
    <div className={classes.room} data-sitting="open">
      <Top sitting={sitting} view={view} />
      <Band sitting={sitting} />
      <div className={classes.body}>
        <nav className={classes.side} aria-label={t('exam.questions')}>
          <Navigator sitting={sitting} view={view} />
          {view.exam.languages.length > 1 && <Languages sitting={sitting} view={view} busy={busy} />}
        </nav>
        <main id="main" className={classes.main} tabIndex={-1}>
          <Messages sitting={sitting} view={view} />
          {error !== null && <Problem error={error} retry={() => sitting.forgetError()} />}
          {handingIn === 'waits' && <Waits sitting={sitting} />}
          {turning === 'waits' && <TurnWaits sitting={sitting} />}
          {question ? (
            <Asked key={question.place} sitting={sitting} view={view} question={question} total={total} />
          ) : (
            <p className="muted">{t('exam.noQuestions')}</p>
          )}
          {question && oneByOne && <Onward sitting={sitting} view={view} end={() => setEnding(true)} />}
          {question && !oneByOne && (
            <div className={classes.acts}>
              <Button
                variant="default"
                disabled={question.place === view.questions[0]?.place}
                aria-label={t('exam.back')}
                leftSection={<Icon name="arrow-left" size={18} />}
                onClick={() => sitting.step(-1)}
                className={classes.back!}
              >
                <span className="hide-p">{t('exam.back')}</span>
              </Button>
              <MarkIt sitting={sitting} place={question.place} />
              {!isLast ? (
                <Button className={classes.next!} rightSection={<Sign name="next" size={18} />} onClick={() => sitting.step(1)}>
                  {t('exam.next')}
                </Button>
              ) : hasNext(view) ? (
                <Button className={classes.next!} loading={turning === 'now'} onClick={() => setLeaving(true)}>
                  {t('exam.nextSection')}
                </Button>
              ) : (
                <Button className={classes.next!} onClick={() => setEnding(true)}>
                  {t('exam.review')}
                </Button>
              )}
            </div>
          )}
        </main>
      </div>
      <footer className={classes.foot}>
        <p className={`sm muted hide-p ${classes.keys}`}>
          {t('exam.keys')} <kbd className="kbd">1–9</kbd> {t('exam.keyAnswer')}
          {!oneByOne && (
            <>
              , <kbd className="kbd">←</kbd> <kbd className="kbd">→</kbd> {t('exam.keyQuestion')},{' '}
              <kbd className="kbd">M</kbd> {t('exam.keyMark')}
            </>
          )}
        </p>
        <Button
          variant="default"
          className={classes.onlyPhone!}
          leftSection={<Icon name="layout-grid" size={18} />}
          aria-label={t('exam.listOf', { place, total })}
          onClick={() => setListed(true)}
        >
          <span className="num">
            {place} / {total}
          </span>
        </Button>
        <Button variant="default" className={classes.end!} onClick={() => setEnding(true)} data-hand-in="">
          {t('exam.handIn')}
        </Button>
      </footer>
      <NavigatorDialog sitting={sitting} view={view} opened={listed} close={() => setListed(false)}>
        {view.exam.languages.length > 1 && <Languages sitting={sitting} view={view} busy={busy} />}
      </NavigatorDialog>
      <HandIn sitting={sitting} view={view} opened={ending} close={() => setEnding(false)} />
      <HandIn sitting={sitting} view={view} opened={leaving} close={() => setLeaving(false)} section />
    </div>
  )
}

/** Formulas of this paper are drawn without a network too. */
async function keepFormulas(): Promise<void> {
  await (await import('../questions/katex')).keepLetters()
}

interface AskedProps {
  sitting: Sitting
  view: SittingView
  question: QuestionView
  total: number
}

function Asked({ sitting, view, question, total }: AskedProps) {
  const { t } = useTranslation()
  const { place, points, section } = question
  const kept = usePart(sitting.queue.state, ({ answers }) => answers.get(place))
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (shownBefore) heading.current?.focus({ preventScroll: true })
    shownBefore = true
    window.scrollTo({ top: 0 })
  }, [])
  const [give] = useState(() => (answer: Parameters<Sitting['answer']>[1]) => sitting.answer(place, answer))
  const media = Object.fromEntries(
    Object.entries(question.media).map(([sha256, address]) => [sha256, sitting.local(sha256) ?? address]),
  )
  return (
    <article className={classes.asked} data-question={place}>
      <h2 ref={heading} tabIndex={-1} className={`sm muted ${classes.which}`}>
        {t('exam.which', { place, total })}
        <span aria-hidden="true"> · </span>
        {t('exam.points', { points })}
        {view.exam.sections.length > 1 && view.exam.sections[section]?.name && (
          <>
            <span aria-hidden="true"> · </span>
            {view.exam.sections[section].name}
          </>
        )}
      </h2>
      <Question
        shown={question.shown}
        answer={kept?.answer ?? null}
        onAnswer={give}
        language={view.language}
        media={media}
        files={sitting.files}
        keys
      />
      {view.exam.lesson_id && isLive(question.shown) && <Call lesson={view.exam.lesson_id} />}
      {kept?.state === 'refused' && (
        <p className="note bad" role="alert">
          <Icon name="circle-alert" />
          <span>{t(kept.refusal === 'answer_too_late' ? 'exam.tooLate' : 'exam.notTaken')}</span>
        </p>
      )}
    </article>
  )
}

let shownBefore = false

function MarkIt({ sitting, place }: { sitting: Sitting; place: number }) {
  const { t } = useTranslation()
  const marked = usePart(sitting.queue.state, ({ answers }) => answers.get(place)?.marked ?? false)
  return (
    <Button
      variant="subtle"
      aria-pressed={marked}
      className={classes.mark!}
      leftSection={<Sign name="bookmark" size={18} full={marked} />}
      onClick={() => sitting.mark(place)}
    >
      {t('exam.mark')}
    </Button>
  )
}

function Waits({ sitting }: { sitting: Sitting }) {
  const { t } = useTranslation()
  return (
    <div className="note unseen" role="status" data-hand-in-waits="">
      <Sign name="cloud-off" />
      <div className="grow">
        <p>{t('exam.handInWaits')}</p>
        <Button variant="default" size="sm" mt="xs" onClick={() => sitting.keepWriting()}>
          {t('exam.keepWriting')}
        </Button>
      </div>
    </div>
  )
}

function Languages({ sitting, view, busy }: { sitting: Sitting; view: SittingView; busy: boolean }) {
  const { t } = useTranslation()
  return (
    <div className={classes.languages}>
      <p className="sm">{t('exam.inLanguage')}</p>
      <div className="seg" role="group" aria-label={t('exam.inLanguage')}>
        {view.exam.languages.map((one) => (
          <button
            key={one}
            type="button"
            disabled={busy}
            aria-pressed={one === view.language}
            lang={one}
            onClick={() => void Promise.all([sitting.speak(one), setLanguage(one)])}
          >
            <span aria-hidden="true">{NAMES[one].slice(0, 3)}</span>
            <span className="vh">{NAMES[one]}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

const NAMES = { kk: 'Қазақша', ru: 'Русский', en: 'English' }

/** Arrow keys go from question to question, and M marks one, where no field has the focus. */
function useWayKeys(sitting: Sitting, question: QuestionView | undefined) {
  useEffect(() => {
    if (!question) return
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || inField(event.target)) return
      const inChoice = event.target instanceof HTMLInputElement && event.target.type === 'radio'
      if (event.key === 'ArrowRight' && !inChoice) sitting.step(1)
      else if (event.key === 'ArrowLeft' && !inChoice) sitting.step(-1)
      else if (['m', 'M', 'ь', 'Ь'].includes(event.key)) sitting.mark(question.place)
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [sitting, question])
}
