/**
 * The documentation as a site: the Markdown under {@code src/docs} as pages with contents and a
 * search, complete without internet and readable without script. Knows nothing of what the pages
 * say. Start at {@link io.trainyard.api.site.PageController}.
 */
@NullMarked
package io.trainyard.api.site;

import org.jspecify.annotations.NullMarked;
