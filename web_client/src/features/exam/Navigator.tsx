import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { Dialog } from '../../ui/Dialog'
import { isAnswered, isLive } from '../questions/shapes'
import { Way } from './OneByOne'
import classes from './Room.module.css'
import type { SittingView } from './shapes'
import type { Sitting } from './sitting'
import { isOneByOne } from './time'

interface Props {
  sitting: Sitting
  view: SittingView
  chosen?: () => void
}

/** All questions: which are answered, which are to be looked at again, and the way to each. */
export function Navigator({ sitting, view, chosen }: Props) {
  const { t } = useTranslation()
  const { place: current } = useValue(sitting.state)
  const { answers } = useValue(sitting.queue.state)
  const answered = view.questions.filter(({ place }) => isAnswered(answers.get(place)?.answer)).length
  const told = view.questions.filter(({ shown }) => isLive(shown)).length
  const marked = view.questions.filter(({ place }) => answers.get(place)?.marked).length
  const named = view.exam.sections.length > 1
  if (isOneByOne(view)) return <Way view={view} />
  return (
    <div className={classes.navigator}>
      <h2 className="sm">{t('exam.questions')}</h2>
      {view.exam.sections.map((section, at) => {
        const here = view.questions.filter((one) => one.section === at)
        const closed = view.exam.in_turn && at !== view.section
        return (
          <div key={at} className={classes.section}>
            {named && (
              <p className="xs muted">
                {section.name || t('exam.section', { number: at + 1 })}
                {closed && ` · ${t(at < view.section ? 'exam.sectionLeft' : 'exam.sectionLater')}`}
              </p>
            )}
            <ol className={`num ${classes.grid}`}>
              {here.map(({ place, shown }) => {
                const one = answers.get(place)
                const is = isAnswered(one?.answer)
                const said = [
                  t('exam.nth', { place }),
                  t(isLive(shown) ? 'exam.isLive' : is ? 'exam.isAnswered' : 'exam.isEmpty'),
                  one?.marked && t('exam.isMarked'),
                ]
                return (
                  <li key={place}>
                    <button
                      type="button"
                      data-place={place}
                      data-answered={is}
                      data-live={isLive(shown)}
                      data-marked={one?.marked ?? false}
                      aria-current={place === current ? 'step' : undefined}
                      aria-label={said.filter(Boolean).join(', ')}
                      onClick={() => {
                        sitting.go(place)
                        chosen?.()
                      }}
                    >
                      {place}
                    </button>
                  </li>
                )
              })}
            </ol>
          </div>
        )
      })}
      <ul className={`xs muted ${classes.legend}`}>
        <li>
          <i data-answered="true" />
          {t('exam.keyAnswered')} · {answered}
        </li>
        <li>
          <i />
          {t('exam.keyEmpty')} · {view.questions.length - answered - told}
        </li>
        {told > 0 && (
          <li>
            <i data-live="true" />
            {t('exam.keyLive')} · {told}
          </li>
        )}
        <li>
          <i data-marked="true" />
          {t('exam.keyMarked')} · {marked}
        </li>
      </ul>
    </div>
  )
}

interface DialogProps extends Props {
  opened: boolean
  close: () => void
  children?: ReactNode
}

export function NavigatorDialog({ sitting, view, opened, close, children }: DialogProps) {
  const { t } = useTranslation()
  return (
    <Dialog opened={opened} close={close} title={view.exam.title || t('exam.questions')}>
      <div className={classes.ending}>
        <Navigator sitting={sitting} view={view} chosen={close} />
        {children}
      </div>
    </Dialog>
  )
}
