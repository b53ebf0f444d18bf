/** Models, versions and aliases over HTTP. */
@NullMarked
package io.trainyard.api.model;

import org.jspecify.annotations.NullMarked;
