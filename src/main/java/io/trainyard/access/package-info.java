/**
 * Who calls, what they may do, and how much: keys, scopes, tokens, limits, quotas, and the notes of
 * the audit log.
 *
 * <p>It knows neither HTTP nor gRPC nor SQL: {@code api} and {@code grpc} ask it, {@code store} is
 * behind its ports. Every floor may ask {@link io.trainyard.access.Identity#current} whose request
 * it works for. Start at {@link io.trainyard.access.Access}; {@link io.trainyard.access.Binding}
 * says what names a key is bound to.
 *
 * <p>{@code FairSlots} and {@code Proxies} bound what one address holds, {@code FairTurns} what one
 * caller does at once.
 */
@NullMarked
package io.trainyard.access;

import org.jspecify.annotations.NullMarked;
