/** The only SQL, DuckDB and files, behind the ports of the packages below. */
@NullMarked
package io.trainyard.store;

import org.jspecify.annotations.NullMarked;
