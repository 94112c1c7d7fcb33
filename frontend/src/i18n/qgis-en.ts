// Connect QGIS
import type { qgis as zh } from './qgis-zh'

export const qgis: typeof zh = {
  title: 'Connect QGIS',
  open: 'Connect QGIS',
  intro:
    'See and edit the layers of the city in QGIS, under a database login of your own. The rules are the same as on these pages; what you change is kept under your name and shows on map and wall within two seconds.',
  forbidden: 'Your role does not use QGIS.',
  needs: 'QGIS 3.22 or newer is needed.',
  step1: 'Make your database login',
  none: 'You have no database login yet.',
  has: (role, until) => `Login ${role}, good until ${until}`,
  kinds: { editor: 'may edit', reader: 'may look' },
  area: (codes) => `Area: ${codes}`,
  wholeCity: 'the whole city',
  kind: 'What for',
  make: 'Make the login',
  renew: 'New password',
  renewSure: 'A new password ends your open QGIS sessions at once; unsaved edits are lost. Go on?',
  password: 'Password (shown this once)',
  passwordHint: 'Copy it now: it is not shown again. If you lose it, make a new one here.',
  copy: 'Copy password',
  copied: 'Copied',
  copyFailed: 'It could not be copied: select the password by hand',
  step2: 'Download the project',
  project: 'GeoGrid project (.qgz)',
  projectHint: 'Your login is in the file, your password is not.',
  first: 'Make the login first.',
  step3: 'Double-click it and type the password',
  step3Hint:
    'QGIS asks for the password once: paste the one above. Layers, styles, forms, themes and print layouts are ready.',
  more: 'Other ways to connect',
  connections: 'Connection file (XML)',
  connectionsHint:
    'In the browser panel of QGIS: right click PostgreSQL > Load Connections. For layers added by hand, and for the project that lies in the database.',
  service: 'pg_service entry',
  serviceHint:
    'Add it to ~/.pg_service.conf (Windows: %APPDATA%\\postgresql\\.pg_service.conf); the project in the database opens with it.',
  address: (host, port, database) => `Database at ${host}:${port}, named ${database}`,
  fingerprint: 'Fingerprint of the server’s certificate (SHA-256)',
  loopback:
    'The database takes connections from this machine only. For other computers an administrator runs geogrid db listen ADDRESS on the server.',
  revoke: 'End this login',
  revokeSure: 'Your QGIS is cut off at once and the file opens no more. Go on?',
  failed: 'That did not work',
  toMap: 'Back to the map',
}
