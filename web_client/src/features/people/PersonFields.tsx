import { NativeSelect, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Fields } from '../school/form'
import classes from '../school/school.module.css'
import type { PersonForm } from './model'

/** Names, IIN, language and login: of a new person, or of one to be changed. */
export function PersonFields({ form, isNew }: { form: Fields<PersonForm>; isNew: boolean }) {
  const { t } = useTranslation()
  const { field } = form
  return (
    <>
      <div className={classes.pair}>
        <TextInput {...field('family')} label={t('roll.family')} autoComplete="off" data-autofocus />
        <TextInput {...field('given')} label={t('roll.given')} autoComplete="off" />
        <TextInput {...field('patronymic')} label={t('roll.patronymic')} autoComplete="off" />
        <TextInput
          {...field('iin')}
          label={t('roll.iin')}
          inputMode="numeric"
          maxLength={12}
          autoComplete="off"
        />
        <NativeSelect
          label={t('roll.language')}
          {...select(form, 'language')}
          data={[
            { value: 'kk', label: 'Қазақша' },
            { value: 'ru', label: 'Русский' },
            { value: 'en', label: 'English' },
          ]}
        />
        <TextInput
          {...field('login')}
          label={t(isNew ? 'roll.loginOptional' : 'roll.login')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </div>
    </>
  )
}

/** What a choice needs of a form's field. */
export function select<T extends Record<string, string>>(form: Fields<T>, name: keyof T & string) {
  const { value, onChange, error } = form.field(name)
  return { value, onChange, error }
}
