import { NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LockRule } from '../../api/types'
import { Doing } from '../../base/doing'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Problem } from '../../ui/Problem'
import classes from './Locks.module.css'

const RULES: readonly LockRule[] = ['none', 'administrators', 'staff']

/** Who of an organisation must have a second factor. */
export function Rule(props: { organisation: string; rule: string; changed: () => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [doing] = useState(() => new Doing())
  const { busy, error } = useValue(doing.state)
  const choose = async (rule: LockRule) => {
    if (!(await doing.run(() => api.setLockRule(props.organisation, rule)))) return
    notifications.show({ message: t('locks.ruleKept') })
    props.changed()
  }
  return (
    <section className={classes.part} aria-labelledby="locks-rule">
      <h2 id="locks-rule">{t('locks.rule')}</h2>
      {error !== null && <Problem error={error} />}
      <NativeSelect
        label={t('locks.ruleLabel')}
        description={t('locks.ruleText')}
        value={props.rule}
        disabled={busy}
        onChange={(event) => void choose(event.currentTarget.value as LockRule)}
        data={RULES.map((rule) => ({ value: rule, label: t(`locks.rules.${rule}`) }))}
      />
    </section>
  )
}
