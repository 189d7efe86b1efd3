import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { useValue } from '../../../base/react'
import type { Room } from '../../../media/room'
import { Icon } from '../../../ui/Icon'
import classes from './View.module.css'

/** One tap lets the sound out where the browser holds it back. */
export function SoundBlocked({ room }: { room: Room }) {
  const { t } = useTranslation()
  if (!useValue(room.sounds.blocked)) return null
  return (
    <div className={classes.over} role="alert">
      <p>{t('room.soundBlocked')}</p>
      <Button leftSection={<Icon name="volume-2" />} onClick={() => room.sounds.unblock()}>
        {t('room.turnSoundOn')}
      </Button>
    </div>
  )
}

/** While the connection is broken: what still holds, and that nothing has to be done. */
export function Trouble({ room }: { room: Room }) {
  const { t } = useTranslation()
  const connection = useValue(room.connection)
  const phase = useValue(room.phase)
  if (phase.name === 'refused') {
    return (
      <div className={classes.over} role="alert">
        <p>{explain(phase.error)}</p>
      </div>
    )
  }
  if (connection !== 'cut') return null
  return (
    <div className={`${classes.over} ${classes.unseen}`} role="status">
      <Icon name="wifi-off" />
      <p>{t('room.reconnecting')}</p>
    </div>
  )
}
