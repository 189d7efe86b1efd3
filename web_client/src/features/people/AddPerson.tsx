import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { GroupLine, Role } from '../../api/types'
import { useSchool, useTask } from '../school/context'
import { Ask, useFields } from '../school/form'
import classes from '../school/school.module.css'
import { tell } from '../school/tell'
import { dataOf, EMPTY, nameOf, PLACES, ROLES } from './model'
import { PersonFields, select } from './PersonFields'

interface Props {
  groups: readonly GroupLine[]
  /** The class chosen at first. */
  group?: string
  close: () => void
  added: () => void
}

/** A new person by form, with a role and, for a learner, a class. */
export function AddPerson({ groups, group = '', close, added }: Props) {
  const { t } = useTranslation()
  const { api } = useSchool()
  const task = useTask()
  const form = useFields({ ...EMPTY, group }, ['family', 'given'], task.error, PLACES)
  const learns = form.values.role === 'learner'
  const send = async () => {
    if (!form.complete()) return
    const { login, role, group: chosen } = form.values
    const data = dataOf(form.values)
    const done = await task.run(() =>
      api.addPerson({
        data,
        login: login.trim() || null,
        role: (role || null) as Role | null,
        group_id: learns && chosen ? chosen : null,
      }),
    )
    if (!done) return
    tell(t('roll.added', { name: nameOf({ ...data, patronymic: data.patronymic ?? null }) }))
    added()
    close()
  }
  return (
    <Ask
      title={t('roll.add')}
      close={close}
      task={task}
      submit={t('roll.addAction')}
      beside={PLACES}
      send={() => void send()}
    >
      <PersonFields form={form} isNew />
      <div className={classes.pair}>
        <NativeSelect
          {...select(form, 'role')}
          label={t('roll.role')}
          data={ROLES.filter((role) => role !== 'parent').map((role) => ({
            value: role,
            label: t(`role.one.${role}`),
          }))}
        />
        {learns && (
          <NativeSelect
            {...select(form, 'group')}
            label={t('roll.class')}
            data={[
              { value: '', label: t('roll.noClass') },
              ...groups
                .filter(({ group: { closed } }) => !closed)
                .map(({ group: { id, name } }) => ({ value: id, label: name })),
            ]}
          />
        )}
      </div>
      <p className="muted sm">{t('roll.parentLater')}</p>
    </Ask>
  )
}
