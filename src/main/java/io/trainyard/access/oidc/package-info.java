/**
 * Tokens of an OpenID provider, checked by Spring Security. The only package that uses it; its
 * classes are loaded when the first token comes. Start at {@link
 * io.trainyard.access.oidc.OidcTokens} and {@code TokenDecoder}.
 */
@NullMarked
package io.trainyard.access.oidc;

import org.jspecify.annotations.NullMarked;
