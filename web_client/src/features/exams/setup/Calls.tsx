import { Button, NativeSelect } from '@mantine/core'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Call } from '../../../api/exams'
import { explain } from '../../../base/errors'
import { dayOf, timeOf } from '../../../base/format'
import { named } from '../../../base/i18n'
import { useMe } from '../../../me'
import { FieldError } from '../../../ui/FieldError'
import { useTask } from '../../school/context'
import classes from '../exams.module.css'
import { useExams, useLoaded } from '../use'
import type { Form } from './form'

/** In which call questions are answered aloud: a lesson of that day, a consultation, or a call that begins now. */
export function Calls({ form }: { form: Form }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const exams = useExams()
  const task = useTask()
  const help = useId()
  const { draft, change } = form
  const day = draft.opens.slice(0, 10)
  const [begun, setBegun] = useState<readonly Call[]>([])
  const found = useLoaded(() => exams.calls(day, draft.call), [day, exams], true)
  const known = [...begun, ...(found.phase === 'ready' ? found.value : [])]
  const label = ({ title, subject, group, starts_at }: Call) =>
    [title || named(subject) || t('exams.callUnnamed'), group, `${dayOf(starts_at, zone)}, ${timeOf(starts_at, zone)}`]
      .filter(Boolean)
      .join(' · ')
  const begin = () =>
    task.run(async () => {
      const made = await exams.beginCall(draft.title.trim())
      setBegun([made, ...begun])
      change({ call: made.id })
    })
  return (
    <div>
      <div className={classes.ends}>
        <NativeSelect
          className="grow"
          label={t('exams.call')}
          aria-describedby={help}
          value={draft.call}
          onChange={(event) => change({ call: event.currentTarget.value })}
          data={[
            { value: '', label: t('exams.noCall') },
            ...known.map((one) => ({ value: one.id, label: label(one) })),
            ...(draft.call && !known.some(({ id }) => id === draft.call)
              ? [{ value: draft.call, label: t('exams.callUnnamed') }]
              : []),
          ]}
        />
        <Button variant="default" disabled={task.busy} onClick={() => void begin()}>
          {t('exams.beginCall')}
        </Button>
      </div>
      <p id={help} className="muted sm">
        {t('exams.callHelp')}
      </p>
      {task.error !== null && <FieldError>{explain(task.error)}</FieldError>}
    </div>
  )
}
