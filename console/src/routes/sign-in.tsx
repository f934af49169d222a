import { createFileRoute, Outlet } from '@tanstack/react-router';
import { loadTexts } from '../i18n';

export const Route = createFileRoute('/sign-in')({ loader: () => loadTexts('signIn'), component: Outlet });
