/**
 * Who calls, what they may do, and how much: keys, scopes, tokens, limits, quotas, and the notes of
 * the audit log.
 *
 * <p>It knows neither HTTP nor gRPC nor SQL: {@code api} and {@code grpc} ask it, {@code store} is
 * behind its ports. Every floor may ask {@link io.trainyard.access.Identity#current} whose request
 * it works for. Start at {@link io.trainyard.access.Access}. {@code AccessKeysTest}, {@code
 * CallerLimitsTest} and {@code AccessHttpTest} test it.
 *
 * <p>{@code Places} and {@code Proxies} bound what one address holds; {@code ProxiesTest} tests
 * them.
 *
 * <p>Other tests: {@code Identity} and {@code AccessProperties} in {@code AccessHttpTest}.
 */
@NullMarked
package io.trainyard.access;

import org.jspecify.annotations.NullMarked;
