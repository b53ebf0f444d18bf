/**
 * The documentation as a site: the Markdown under {@code src/docs} as pages with contents and a
 * search, complete without internet and readable without script. Knows nothing of what the pages
 * say. Start at {@link io.trainyard.api.site.PageController}.
 *
 * <p>{@code SiteHttpTest} tests it over HTTP, with {@code SiteAssets} and {@code PageLayout};
 * {@code SiteLinksTest} follows every link of every page of {@code DocPages}; {@code
 * SearchIndexTest} searches.
 */
@NullMarked
package io.trainyard.api.site;

import org.jspecify.annotations.NullMarked;
