import { NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@mantine/core'
import { Doing } from '../../base/doing'
import { dateOf } from '../../base/format'
import { useModel, useValue } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { Dialog } from '../../ui/Dialog'
import { Problem } from '../../ui/Problem'
import classes from './View.module.css'

const MINUTES = [10, 15, 20, 30, 45]
const IDLE = new Doing().state

/** Slots one after the other, from a time on. */
export function Open({ close, done }: { close: () => void; done: () => void }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { api, clock } = useServices()
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const [day, setDay] = useState(dateOf(clock.now(), zone))
  const [begins, setBegins] = useState('15:00')
  const [minutes, setMinutes] = useState('20')
  const [count, setCount] = useState<number | string>(3)
  const [places, setPlaces] = useState<number | string>(1)
  const [title, setTitle] = useState('')
  const send = async () => {
    const made = await doing?.run(() =>
      api.openConsultations({
        day,
        begins,
        minutes: Number(minutes),
        count: Number(count),
        places: Number(places),
        title: title.trim(),
        course_id: null,
      }),
    )
    if (made) {
      done()
      close()
    }
  }
  return (
    <Dialog opened close={close} title={t('consultations.open')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <div className={classes.pair}>
          <TextInput
            type="date"
            label={t('consultations.day')}
            value={day}
            required
            onChange={(event) => setDay(event.currentTarget.value)}
          />
          <TextInput
            type="time"
            label={t('consultations.from')}
            value={begins}
            required
            onChange={(event) => setBegins(event.currentTarget.value)}
          />
        </div>
        <NativeSelect
          label={t('consultations.length')}
          value={minutes}
          onChange={(event) => setMinutes(event.currentTarget.value)}
          data={MINUTES.map((one) => ({ value: String(one), label: t('date.minutes', { minutes: one }) }))}
        />
        <div className={classes.pair}>
          <NumberInput
            label={t('consultations.count')}
            value={count}
            onChange={setCount}
            min={1}
            max={40}
            allowDecimal={false}
          />
          <NumberInput
            label={t('consultations.placesEach')}
            description={t('consultations.placesText')}
            value={places}
            onChange={setPlaces}
            min={1}
            max={30}
            allowDecimal={false}
          />
        </div>
        <TextInput
          label={t('consultations.about')}
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        {state.error !== null && <Problem error={state.error} />}
        <div className={classes.pair}>
          <Button type="submit" loading={state.busy}>
            {t('consultations.openAction')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
