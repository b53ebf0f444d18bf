/**
 * Models, versions, aliases and weights, behind the ports of {@code model}. It must not know how a
 * spec or weights are read, only where they are stored. Start at {@link
 * io.trainyard.store.model.JdbcVersionStore}; the {@code …Table} classes have the SQL, and {@code
 * ModelTransactions} runs all changes. The test of each store has the name of its class and runs on
 * each kind of database; {@code ModelStoreTest} tests what they do together.
 *
 * <p>Other tests: {@code AliasTable} in {@code JdbcAliasStoreTest}, {@code ModelTable} in {@code
 * JdbcModelCatalogueTest}, {@code VersionTable} in {@code JdbcVersionStoreTest}, {@code
 * JdbcModelHolds} in {@code JobReferencesTest}.
 */
@NullMarked
package io.trainyard.store.model;

import org.jspecify.annotations.NullMarked;
