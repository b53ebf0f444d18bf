/**
 * Keys, the audit log and what callers have stored, in the database. The package knows nothing of
 * what scopes allow. Start at {@code JdbcAccessKeyStore}.
 */
@NullMarked
package io.trainyard.store.access;

import org.jspecify.annotations.NullMarked;
