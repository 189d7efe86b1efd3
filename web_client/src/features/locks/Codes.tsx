import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { useFocus } from '../../ui/focus'
import { Icon } from '../../ui/Icon'
import { Printed } from '../../ui/Printed'
import classes from './Locks.module.css'

/** Recovery codes, the only time they are seen. */
export function Codes({ codes, done }: { codes: readonly string[]; done: () => void }) {
  const { t } = useTranslation()
  const here = useFocus()
  return (
    <div ref={here} tabIndex={-1} className={`${classes.form} ${classes.step}`}>
      <p>{t('locks.codesText')}</p>
      <ol className={classes.codes} aria-label={t('locks.codes')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <TakeAway text={codes.join('\n')} />
      <Button onClick={done}>{t('locks.codesKept')}</Button>
      <Printed title={t('locks.codesOf', { host: location.host })}>
        <p>{t('locks.codesText')}</p>
        <ol className={classes.codes}>
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </Printed>
    </div>
  )
}

/** Onto the clipboard, or onto paper. */
export function TakeAway({ text }: { text: string }) {
  const { t } = useTranslation()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      notifications.show({ message: t('locks.copied') })
    } catch {
      notifications.show({ message: t('locks.copyYourself') })
    }
  }
  return (
    <div className={classes.buttons}>
      <Button
        variant="default"
        size="sm"
        leftSection={<Icon name="copy" size={18} />}
        onClick={() => void copy()}
      >
        {t('locks.copy')}
      </Button>
      <Button
        variant="default"
        size="sm"
        leftSection={<Icon name="printer" size={18} />}
        onClick={() => window.print()}
      >
        {t('locks.print')}
      </Button>
    </div>
  )
}
