import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ItemRow } from '../../../api/exams'
import { named } from '../../../base/i18n'
import { Dialog } from '../../../ui/Dialog'
import { Ticks } from '../../school/form'
import { Shown } from '../../school/Frame'
import classes from '../exams.module.css'
import { useExams, useLoaded } from '../use'
import type { Form } from './form'

const TYPING = 250

interface Props {
  form: Form
  /** Questions that are in the test already. */
  taken: readonly string[]
  close: () => void
  pick: (items: readonly ItemRow[]) => void
}

/** Questions of the banks, found and ticked one by one. */
export function PickItems({ form, taken, close, pick }: Props) {
  const { t } = useTranslation()
  const exams = useExams()
  const { banks, draft } = form
  const [bank, setBank] = useState(draft.banks[0]!)
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, TYPING)
  const [chosen, setChosen] = useState<ReadonlyMap<string, ItemRow>>(new Map())
  const found = useLoaded(() => exams.findItems(bank, search, draft.kind === 'practice'), [bank, search], true)
  return (
    <Dialog opened close={close} title={t('exams.pick')} wide>
      <div className={classes.form}>
        <div className={classes.pair}>
          {draft.banks.length > 1 && (
            <NativeSelect
              label={t('exams.bank')}
              value={bank}
              onChange={(event) => setBank(event.currentTarget.value)}
              data={draft.banks.map((id) => ({
                value: id,
                label: banks.find((one) => one.id === id)?.title ?? '',
              }))}
            />
          )}
          <TextInput
            type="search"
            label={t('exams.search')}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <Shown list={found}>
          {({ items }) => {
            const known = [...chosen.values(), ...items.filter(({ id }) => !chosen.has(id))]
            const free = known.filter(({ id }) => !taken.includes(id))
            if (free.length === 0) return <p className="muted">{t('exams.noneFound')}</p>
            const choose = (ids: ReadonlySet<string>) =>
              setChosen(new Map(free.filter(({ id }) => ids.has(id)).map((one) => [one.id, one])))
            return (
              <Ticks
                legend={t('exams.questions')}
                choices={free.map((one) => ({
                  id: one.id,
                  name: named(one.titles),
                  second: t(`exams.kinds.${one.kind}`),
                }))}
                chosen={new Set(chosen.keys())}
                change={choose}
              />
            )
          }}
        </Shown>
        <div className={classes.row}>
          <Button disabled={chosen.size === 0} onClick={() => pick([...chosen.values()])}>
            {t('exams.pickThese', { count: chosen.size })}
          </Button>
          <Button variant="default" onClick={close}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
