/**
 * What is served, and how: the models as the Open Inference Protocol describes them, and the
 * versions that operators load, unload and pin. It must not know how calls arrive. Start at {@link
 * io.trainyard.predict.serving.ServedModels}.
 */
@NullMarked
package io.trainyard.predict.serving;

import org.jspecify.annotations.NullMarked;
