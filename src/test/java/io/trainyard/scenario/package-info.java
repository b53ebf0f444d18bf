/**
 * What users must be able to do, over real HTTP, with the real engine and database. Start at {@code
 * MainJobTest}; {@code ExamplesTest} runs {@code src/examples}.
 */
@NullMarked
package io.trainyard.scenario;

import org.jspecify.annotations.NullMarked;
