import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import type { Room } from '../../../media/room'
import { Thread } from '../../../ui/Thread'
import classes from './View.module.css'

/** For who waits at the door. */
export function AtTheDoor({ room, leave }: { room: Room; leave: () => void }) {
  const { t } = useTranslation()
  const word = useValue(room.word)
  return (
    <main id="main" className={classes.door} tabIndex={-1} data-door>
      <div role="status">
        <Thread state="whole">{t('room.lobby.youWait')}</Thread>
        <p className="muted">{t('room.lobby.youWaitText')}</p>
        {word && (
          <blockquote className={classes.word} data-word>
            <span className="xs muted">{t('room.lobby.says')}</span>
            <p>{word}</p>
          </blockquote>
        )}
      </div>
      <Button variant="default" onClick={leave}>
        {t('room.leave')}
      </Button>
    </main>
  )
}
