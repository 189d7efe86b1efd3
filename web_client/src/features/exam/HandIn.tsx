import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { Dialog } from '../../ui/Dialog'
import classes from './Room.module.css'
import type { SittingView } from './shapes'
import type { Sitting } from './sitting'
import { isOneByOne, totalOf } from './time'

interface Props {
  sitting: Sitting
  view: SittingView
  opened: boolean
  close: () => void
  /** Only the section is left, for good. */
  section?: boolean
}

/** What is not answered yet, before something is ended that cannot be begun again. */
export function HandIn({ sitting, view, opened, close, section = false }: Props) {
  const { t } = useTranslation()
  const { handingIn, turning } = useValue(sitting.state)
  const { answers, cutSince } = useValue(sitting.queue.state)
  const empty = sitting.unanswered()
  const oneByOne = isOneByOne(view)
  const unseen = oneByOne ? totalOf(view) - view.section - 1 : 0
  const marked = view.questions.filter(({ place }) => answers.get(place)?.marked).map(({ place }) => place)
  const end = async () => {
    await (section ? sitting.turn() : sitting.handIn())
    close()
  }
  const places = (key: string, all: readonly number[]) =>
    all.length > 0 && (
      <div>
        <p className="sm">{t(key, { count: all.length })}</p>
        <ul className={classes.places}>
          {all.map((place) => (
            <li key={place}>
              <Button
                variant="default"
                size="sm"
                aria-label={t('exam.nth', { place })}
                onClick={() => {
                  sitting.go(place)
                  close()
                }}
              >
                {place}
              </Button>
            </li>
          ))}
        </ul>
      </div>
    )
  return (
    <Dialog opened={opened} close={close} title={t(section ? 'exam.endSection' : 'exam.handInTitle')}>
      <div className={classes.ending} data-ending="">
        {empty.length === 0 && unseen === 0 && <p>{t(oneByOne ? 'exam.lastAnswered' : 'exam.allAnswered')}</p>}
        {unseen > 0 && <p>{t('exam.notSeen', { count: unseen })}</p>}
        {places('exam.notAnswered', empty)}
        {places('exam.markedStill', marked)}
        <p className="muted">{t(section ? 'exam.endSectionText' : 'exam.handInText')}</p>
        {cutSince !== null && <p className="note unseen">{t('exam.handInCut')}</p>}
        <div className={classes.pair}>
          <Button loading={handingIn === 'now' || turning === 'now'} onClick={() => void end()}>
            {t(section ? 'exam.endSectionDo' : 'exam.handInDo')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('exam.keepWriting')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
