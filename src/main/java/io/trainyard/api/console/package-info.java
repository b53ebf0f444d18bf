/**
 * The console: pages in which people watch, try and look after what the service has. The pages are
 * static files under {@code src/main/resources/console} and call the public HTTP API with the
 * caller's own key. Knows nothing of models, jobs and datasets. Start at {@link
 * io.trainyard.api.console.ConsoleController}.
 */
@NullMarked
package io.trainyard.api.console;

import org.jspecify.annotations.NullMarked;
