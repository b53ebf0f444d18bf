/**
 * Rows: data set versions, their columns, how rows become tensors and outputs become answers, how
 * rows are split. Knows neither SQL nor DuckDB.
 */
@NullMarked
package io.trainyard.dataset;

import org.jspecify.annotations.NullMarked;
