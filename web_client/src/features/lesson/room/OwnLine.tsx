import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { useModel, useValue } from '../../../base/react'
import type { Room } from '../../../media/room'
import { personWith } from '../../../media/roomState'
import { useServices } from '../../../services'
import { Dialog } from '../../../ui/Dialog'
import { Icon } from '../../../ui/Icon'
import { Thread } from '../../../ui/Thread'
import { type OwnLine, OwnLineModel, type Way } from './ownWays'
import { letter, rowsOf } from './ownWaysText'
import classes from './OwnLine.module.css'

/** How one's own line is: a few figures for oneself, the rest for who helps. */
export default function OwnLineDialog(props: { room: Room; opened: boolean; close: () => void }) {
  const { t } = useTranslation()
  const { room, opened, close } = props
  return (
    <Dialog opened={opened} close={close} title={t('line.title')}>
      <Shown room={room} />
    </Dialog>
  )
}

function Shown({ room }: { room: Room }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const model = useModel((scope) => new OwnLineModel(scope, clock, room), [room])
  const connection = useValue(room.connection)
  const weak = useValue(room.weak)
  return (
    <div className={classes.line} data-own-line>
      <Thread state={connection}>{t(`room.connection.${connection}`)}</Thread>
      {weak && <p>{t(weak === 'up' ? 'room.weak' : 'room.weakDown')}</p>}
      {model && <Figures room={room} model={model} />}
    </div>
  )
}

function Figures({ room, model }: { room: Room; model: OwnLineModel }) {
  const { t } = useTranslation()
  const line = useValue(model.state)
  if (!line) return null
  return (
    <>
      <WayRows title={t('line.up')} none={t('line.nothingUp')} way={line.up} />
      <WayRows title={t('line.down')} none={t('line.nothingDown')} way={line.down} />
      <Withheld room={room} />
      <Helper line={line} />
    </>
  )
}

function WayRows({ title, none, way }: { title: string; none: string; way: Way | null }) {
  const { t } = useTranslation()
  return (
    <section>
      <h3>{title}</h3>
      {way ? (
        <dl>
          {rowsOf(t, way).map(([label, figure]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd className="num">{figure}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className="muted">{none}</p>
      )}
    </section>
  )
}

/** Whose pictures the line does not carry as large as they are shown, as their tiles say it. */
function Withheld({ room }: { room: Room }) {
  const { t } = useTranslation()
  const limited = useValue(room.limited)
  const state = useValue(room.state)
  const names = (how: 'small' | 'off') =>
    state.publications
      .filter(({ id }) => limited.get(id) === how)
      .map(({ participant_id }) => personWith(state, participant_id)?.name)
      .join(', ')
  const [small, off] = [names('small'), names('off')]
  return (
    <>
      {small && <p>{t('line.small', { names: small })}</p>}
      {off && <p>{t('line.off', { names: off })}</p>}
    </>
  )
}

function Helper({ line }: { line: OwnLine }) {
  const { t } = useTranslation()
  const text = letter(t, line)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      notifications.show({ message: t('connection.copied') })
    } catch {
      notifications.show({ message: t('connection.copyYourself') })
    }
  }
  return (
    <details>
      <summary>{t('line.helper')}</summary>
      <pre className="num">{text}</pre>
      <Button
        variant="default"
        leftSection={<Icon name="copy" size={18} />}
        onClick={() => void copy()}
      >
        {t('line.copy')}
      </Button>
    </details>
  )
}
