/**
 * Keys, the audit log and what callers have stored, in the database. The package knows nothing of
 * what scopes allow. Start at {@code JdbcAccessKeyStore}; {@code JdbcAccessTest} tests it on both
 * databases.
 *
 * <p>Other tests: {@code OwnerTurns} in {@code JobAdmissionTest}.
 */
@NullMarked
package io.trainyard.store.access;

import org.jspecify.annotations.NullMarked;
