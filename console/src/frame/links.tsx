import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { type ComponentPropsWithoutRef, forwardRef } from 'react';

type Native<Own> = Own & Omit<ComponentPropsWithoutRef<'a'>, keyof Own | 'href'>;

/** Mantine's elements as links of the router, which can be opened in a new tab and load their page when hovered. */
export const RouteAnchor = createLink(
  forwardRef<HTMLAnchorElement, Native<AnchorProps>>((props, ref) => <Anchor ref={ref} {...props} />),
);
export const RouteButton = createLink(
  forwardRef<HTMLAnchorElement, Native<ButtonProps>>((props, ref) => <Button ref={ref} component="a" {...props} />),
);
export const RouteNavLink = createLink(
  forwardRef<HTMLAnchorElement, Native<NavLinkProps>>((props, ref) => <NavLink ref={ref} component="a" {...props} />),
);
