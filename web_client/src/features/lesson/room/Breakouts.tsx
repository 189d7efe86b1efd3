import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePart } from '../../../base/react'
import { myPlace } from '../../../media/roomState'
import { MAIN, type Person } from '../../../media/told'
import { useServices } from '../../../services'
import { Dialog } from '../../../ui/Dialog'
import { Icon } from '../../../ui/Icon'
import { attempt } from './attempt'
import { groupsOf, type Way, WAYS } from './groups'
import type { RoomModel } from './model'
import classes from './Panel.module.css'

/** Groups that work by themselves: opened here, walked through, called, closed. */
export function Breakouts({ model, roomId }: { model: RoomModel; roomId: string }) {
  const { t } = useTranslation()
  const breakouts = usePart(model.room.state, ({ leading }) => leading.breakouts)
  const [asking, ask] = useState(false)
  return (
    <section>
      <h2>{t('room.breakouts.title')}</h2>
      {breakouts ? (
        <Opened model={model} roomId={roomId} />
      ) : (
        <Button variant="default" size="sm" onClick={() => ask(true)} data-breakouts>
          {t('room.breakouts.open')}
        </Button>
      )}
      <Dialog wide opened={asking} close={() => ask(false)} title={t('room.breakouts.title')}>
        {asking && <Divide model={model} roomId={roomId} done={() => ask(false)} />}
      </Dialog>
    </section>
  )
}

/** Who is where now, and who calls for help. */
function Opened({ model, roomId }: { model: RoomModel; roomId: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const { lead, state } = model.room
  const items = usePart(state, ({ leading }) => leading.breakouts!.items)
  const people = usePart(state, ({ participants }) => participants)
  const here = usePart(state, myPlace)
  const [text, setText] = useState('')
  const call = async (event: FormEvent) => {
    event.preventDefault()
    if (await attempt(lead.callBreakouts(text.trim()))) setText('')
  }
  const places = [{ id: MAIN, name: t('room.breakouts.main') }, ...items]
  return (
    <>
      <ul className={classes.places}>
        {places.map(({ id, name }) => {
          const inside = people.filter(({ place }) => place === id)
          const help = inside.some((person) => person.help)
          return (
            <li key={id} data-place={id}>
              <span className="grow">
                <b>{name}</b> <span className="count">{inside.length}</span>
                {help && <span className="st attn">{t('room.help.called')}</span>}
                <span className="xs muted">{inside.map((person) => person.name).join(', ')}</span>
              </span>
              <Button
                variant="default"
                size="xs"
                disabled={here === id}
                aria-label={here === id ? undefined : t('room.breakouts.enterName', { name })}
                onClick={() => void attempt(lead.goTo(id))}
              >
                {t(here === id ? 'room.breakouts.here' : 'room.breakouts.enter')}
              </Button>
            </li>
          )
        })}
      </ul>
      <form className={classes.word} onSubmit={(event) => void call(event)}>
        <TextInput
          className="grow"
          aria-label={t('room.breakouts.word')}
          placeholder={t('room.breakouts.word')}
          maxLength={500}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!text.trim()}>
          {t('room.lobby.say')}
        </Button>
      </form>
      <Button
        size="sm"
        leftSection={<Icon name="users" size={16} />}
        onClick={() => void attempt(api.closeBreakouts(roomId))}
        data-bring-back
      >
        {t('room.breakouts.close')}
      </Button>
    </>
  )
}

const LENGTHS = [0, 5, 10, 15, 20, 30, 45]

function Divide(props: { model: RoomModel; roomId: string; done: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const { model, roomId, done } = props
  const people = usePart(model.room.state, ({ participants }) => participants)
  const learners = people.filter(({ role, second }) => role === 'join' && !second)
  const [way, setWay] = useState<Way>('chance')
  const [count, setCount] = useState(2)
  const [minutes, setMinutes] = useState(10)
  const [put, setPut] = useState<ReadonlyMap<string, number>>(new Map())
  const [list, setList] = useState('')
  const open = async (event: FormEvent) => {
    event.preventDefault()
    const name = (number: number) => t('room.breakouts.name', { number })
    const wish = groupsOf(way, { count, put, list }, learners, name)
    if (await attempt(api.openBreakouts(roomId, { ...wish, minutes: minutes || null }))) done()
  }
  return (
    <form className={classes.form} onSubmit={(event) => void open(event)}>
      <div className="seg" role="group" aria-label={t('room.breakouts.how')}>
        {WAYS.map((one) => (
          <button key={one} type="button" aria-pressed={way === one} onClick={() => setWay(one)}>
            {t(`room.breakouts.by.${one}`)}
          </button>
        ))}
      </div>
      <p className="sm muted">{t(`room.breakouts.byText.${way}`)}</p>
      {way !== 'list' && (
        <TextInput
          type="number"
          min={1}
          max={50}
          label={t('room.breakouts.count')}
          value={count}
          onChange={(event) =>
            setCount(Math.max(1, Math.min(50, Math.round(Number(event.currentTarget.value)) || 1)))
          }
        />
      )}
      {way === 'hand' && <ByHand learners={learners} count={count} put={put} setPut={setPut} />}
      {way === 'list' && (
        <label className={classes.listed}>
          <span className="sm">{t('room.breakouts.list')}</span>
          <textarea rows={6} value={list} onChange={(event) => setList(event.target.value)} />
        </label>
      )}
      <NativeSelect
        label={t('room.breakouts.minutes')}
        value={minutes}
        data={LENGTHS.map((value) => ({
          value: String(value),
          label: value ? t('date.minutes', { minutes: value }) : t('room.breakouts.noLimit'),
        }))}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      />
      <Button type="submit" data-open-breakouts>
        {t('room.breakouts.open')}
      </Button>
    </form>
  )
}

function ByHand(props: {
  learners: readonly Person[]
  count: number
  put: ReadonlyMap<string, number>
  setPut: (put: ReadonlyMap<string, number>) => void
}) {
  const { t } = useTranslation()
  const { learners, count, put, setPut } = props
  const groups = Array.from({ length: count }, (_, place) => ({
    value: String(place),
    label: t('room.breakouts.name', { number: place + 1 }),
  }))
  return (
    <ul className={classes.byHand}>
      {learners.map(({ id, person_id, name }) => (
        <li key={id}>
          <NativeSelect
            label={name}
            value={String(put.get(person_id) ?? '')}
            data={[{ value: '', label: t('room.breakouts.main') }, ...groups]}
            onChange={(event) => {
              const { value } = event.currentTarget
              const next = new Map(put)
              if (value === '') next.delete(person_id)
              else next.set(person_id, Number(value))
              setPut(next)
            }}
          />
        </li>
      ))}
    </ul>
  )
}
