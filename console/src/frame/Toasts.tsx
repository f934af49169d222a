import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';

/** Where toasts appear. Loaded after the first paint. */
const Toasts = () => <Notifications position="bottom-right" limit={4} />;
export default Toasts;
