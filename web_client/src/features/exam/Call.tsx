import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../ui/Icon'

/** The way to the call in which it is answered aloud, in a tab of its own: the sitting stays where it is. */
export function Call({ lesson }: { lesson: string }) {
  const { t } = useTranslation()
  return (
    <div>
      <Button
        component="a"
        href={`/lessons/${lesson}`}
        target="_blank"
        rel="noopener"
        variant="default"
        leftSection={<Icon name="video" size={18} />}
        data-call=""
      >
        {t('exam.toCall')}
      </Button>
    </div>
  )
}
