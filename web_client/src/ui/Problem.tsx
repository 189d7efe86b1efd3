import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { explain } from '../base/errors'
import { Icon } from './Icon'

/** What went wrong, in a sentence, and the way on. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation()
  return (
    <div className="note bad" role="alert">
      <Icon name="circle-alert" />
      <div className="grow">
        <p>{explain(error)}</p>
        {retry && (
          <Button variant="default" size="sm" mt="xs" onClick={retry}>
            {t('common.again')}
          </Button>
        )}
      </div>
    </div>
  )
}
