import { CloseButton, Modal } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Props } from './Dialog'
import classes from './Dialog.module.css'

export default function DialogWindow({ opened, close, title, wide = false, children }: Props) {
  const { t } = useTranslation()
  // It must have been closed once, or the focus is not given back.
  const [drawn, setDrawn] = useState(false)
  useEffect(() => setDrawn(true), [])
  return (
    <Modal.Root opened={opened && drawn} onClose={close} size={wide ? 'lg' : 'md'} centered>
      <Modal.Overlay />
      <Modal.Content radius="md">
        <div className={classes.dialog}>
          <div className={classes.head}>
            <Modal.Title>{title}</Modal.Title>
            <CloseButton size="lg" aria-label={t('common.close')} onClick={close} />
          </div>
          {children}
        </div>
      </Modal.Content>
    </Modal.Root>
  )
}
