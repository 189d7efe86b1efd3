import { TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../../ui/Icon'
import classes from '../bank.module.css'
import { useEditing } from '../context'
import { isPicture, type Media } from '../plain'

interface Props {
  media: readonly Media[]
  /** Of the text that holds them. */
  name: string
  change: (media: Media) => void
}

/** Pictures, sounds and films of one text: what each is said to be to who cannot see or hear it. */
export function MediaRows({ media, name, change }: Props) {
  const { t } = useTranslation()
  const { media: places, disabled } = useEditing()
  if (media.length === 0) return null
  return (
    <ul className={classes.mediaRows} aria-label={t('bank.mediaOf', { name })}>
      {media.map((one) => (
        <li key={one.name} data-media={one.name}>
          {isPicture(one) && places[one.sha256] ? (
            <img src={places[one.sha256]} alt="" width={64} height={48} />
          ) : (
            <Icon name={one.type.startsWith('audio/') ? 'volume-2' : 'film'} />
          )}
          <TextInput
            className="grow"
            label={t('bank.alt', { name: one.name })}
            value={one.alt ?? ''}
            disabled={disabled}
            maxLength={2000}
            onChange={(event) => change({ ...one, alt: event.currentTarget.value })}
          />
        </li>
      ))}
    </ul>
  )
}
