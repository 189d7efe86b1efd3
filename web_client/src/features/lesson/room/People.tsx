import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { compareNames, initialsOf, lengthOf } from '../../../base/format'
import { ticking } from '../../../base/clock'
import { useModel, usePart, useValue } from '../../../base/react'
import type { Value } from '../../../base/value'
import { leads, publicationOf, raisedHands, type RoomState } from '../../../media/roomState'
import { MAIN, type Person, RIGHTS } from '../../../media/told'
import { useServices } from '../../../services'
import { Icon } from '../../../ui/Icon'
import { attempt } from './attempt'
import { isHeard, isSeen } from './layout'
import { Lobby } from './Lobby'
import type { RoomModel } from './model'
import classes from './Panel.module.css'

/** Who is here: at the door, with a raised hand, and all by the alphabet, those who lead first. */
export function People({ model }: { model: RoomModel }) {
  const { clock } = useServices()
  const now = useModel((scope) => ticking(scope, clock, 10_000), [clock])
  const lead = usePart(model.room.state, leads)
  return (
    <div className={classes.people}>
      {lead && <Lobby model={model} />}
      {now && <Hands model={model} now={now} />}
      <Everybody model={model} />
    </div>
  )
}

/** Raised hands in their order, with how long each has been up. */
function Hands({ model, now }: { model: RoomModel; now: Value<number> }) {
  const { t } = useTranslation()
  const room = useValue(model.room.state)
  const moment = useValue(now)
  const hands = raisedHands(room)
  const lead = leads(room)
  if (hands.length === 0) return null
  const give = async (person: Person) => {
    const { lead } = model.room
    if (!person.rights.speak) await attempt(lead.setRights(person.id, { speak: true }))
    await attempt(lead.askToUnmute(person.id, 'microphone'))
    await attempt(lead.lowerHand(person.id))
  }
  return (
    <section className={classes.hands} aria-label={t('room.hand.raised')}>
      <h2 className="sm">
        <Icon name="hand" size={16} />
        {t('room.hand.raised')}
        {lead && hands.length > 1 && (
          <Button
            variant="subtle"
            size="xs"
            onClick={() => void attempt(model.room.lead.lowerHand(null))}
          >
            {t('room.hand.lowerAll')}
          </Button>
        )}
      </h2>
      <ol>
        {hands.map((person) => (
          <li key={person.id} data-raised={person.id}>
            <span className={`grow ${classes.who}`}>
              <span className="cut">{person.name}</span>
              <span className="faint xs num">
                {lengthOf(model.room.serverTime(moment) - person.hand_at! * 1000)}
              </span>
            </span>
            {lead && (
              <>
                <Button variant="default" size="xs" onClick={() => void give(person)}>
                  {t('room.hand.give')}
                </Button>
                <button
                  type="button"
                  className={classes.small}
                  aria-label={t('room.hand.lowerName', { name: person.name })}
                  onClick={() => void attempt(model.room.lead.lowerHand(person.id))}
                >
                  <Icon name="x" size={16} />
                </button>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Everybody({ model }: { model: RoomModel }) {
  const room = useValue(model.room.state)
  const own = useValue(model.room.own.state)
  const [opened, open] = useState<string | null>(null)
  const inOrder = [...room.participants].sort(
    (a, b) => Number(b.role === 'lead') - Number(a.role === 'lead') || compareNames(a.name, b.name),
  )
  return (
    <ul>
      {inOrder.map((person) => (
        <Row
          key={person.id}
          model={model}
          room={room}
          person={person}
          heard={person.id === room.me ? own.microphone : isHeard(room, person.id)}
          opened={opened === person.id}
          turn={() => open(opened === person.id ? null : person.id)}
        />
      ))}
    </ul>
  )
}

interface RowProps {
  model: RoomModel
  room: RoomState
  person: Person
  heard: boolean
  opened: boolean
  turn: () => void
}

function Row({ model, room, person, heard, opened, turn }: RowProps) {
  const { t } = useTranslation()
  const mine = person.id === room.me
  const speaking = heard && room.speaking.includes(person.id)
  const line = usePart(model.room.lines, (all) => all.get(person.id))
  return (
    <li data-person={person.id} className={opened ? classes.opened : undefined}>
      <div className={classes.row}>
        <span className="av" aria-hidden="true">
          {initialsOf(person.name)}
        </span>
        <span className={`grow ${classes.who}`}>
          <span className="cut">
            {person.name}
            {mine && <span className="muted"> · {t('room.you')}</span>}
          </span>
          <span className="xs muted cut">
            {[t(stateOf(person)), placeOf(room, person), person.help && t('room.help.called')]
              .concat(line ? t(`room.line.${line}`) : [])
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
        {person.hand_at !== null && <Icon name="hand" size={18} />}
        <span className={speaking ? classes.speaking : heard ? undefined : classes.silent}>
          <Icon name={heard ? 'mic' : 'mic-off'} />
          <span className="vh">
            {t(speaking ? 'room.speaks' : heard ? 'room.microphoneOn' : 'room.microphoneOff')}
          </span>
        </span>
        {leads(room) && !mine && (
          <button
            type="button"
            className={classes.small}
            aria-expanded={opened}
            aria-label={t('room.deedsFor', { name: person.name })}
            onClick={turn}
          >
            <Icon name="ellipsis" />
          </button>
        )}
      </div>
      {opened && <Deeds model={model} room={room} person={person} heard={heard} />}
    </li>
  )
}

/** What one who leads may do about a person. */
function Deeds({ model, room, person, heard }: Omit<RowProps, 'opened' | 'turn'>) {
  const { t } = useTranslation()
  const { lead } = model.room
  const { id } = person
  const microphone = publicationOf(room, id, 'microphone')
  const screen = publicationOf(room, id, 'screen')
  const lit = room.leading.spotlight === id
  const learner = person.role === 'join'
  const deeds: [name: string, act: () => Promise<unknown>][] = [
    heard && microphone
      ? ['mute', () => model.room.mute(microphone.id)]
      : ['askToSpeak', () => lead.askToUnmute(id, 'microphone')],
    ...(isSeen(room, id)
      ? []
      : ([['askToShow', () => lead.askToUnmute(id, 'camera')]] as [string, () => Promise<void>][])),
  ]
  if (screen) deeds.push(['stopShare', () => lead.stopPublication(screen.id)])
  deeds.push([lit ? 'unlight' : 'light', () => lead.setSpotlight(lit ? null : id)])
  if (room.leading.breakouts && person.place !== room.participants.find((p) => p.id === room.me)?.place) {
    deeds.push(['goThere', () => lead.goTo(person.place)])
  }
  if (learner) {
    deeds.push([person.second ? 'notSecond' : 'second', () => lead.setSecond(id, !person.second)])
    deeds.push(['toLobby', () => lead.remove(id, true)])
    deeds.push(['remove', () => lead.remove(id, false)])
  }
  return (
    <div className={classes.deeds}>
      {learner && <PersonRights model={model} person={person} />}
      {deeds.map(([name, act]) => (
        <Button
          key={name}
          variant="default"
          size="xs"
          data-deed={name}
          aria-label={t(`room.deed.${name}Name`, { name: person.name })}
          onClick={() => void attempt(act())}
        >
          {t(`room.deed.${name}`)}
        </Button>
      ))}
    </div>
  )
}

function PersonRights({ model, person }: { model: RoomModel; person: Person }) {
  const { t } = useTranslation()
  const { lead } = model.room
  return (
    <div className="seg" role="group" aria-label={t('room.rights.of', { name: person.name })}>
      {RIGHTS.map((right) => (
        <button
          key={right}
          type="button"
          aria-pressed={person.rights[right]}
          data-right={right}
          onClick={() => void attempt(lead.setRights(person.id, { [right]: !person.rights[right] }))}
        >
          {t(`room.rights.${right}`)}
        </button>
      ))}
    </div>
  )
}

function placeOf(room: RoomState, person: Person): string {
  if (person.place === MAIN) return ''
  return room.leading.breakouts?.items.find(({ id }) => id === person.place)?.name ?? ''
}

function stateOf({ connected, role, second }: Person): string {
  if (!connected) return 'room.state.cut'
  return second ? 'room.state.second' : `room.state.${role}`
}
