package io.trainyard.api;

import io.trainyard.idempotency.Created;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A POST that callers can retry under an {@code Idempotency-Key}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface TakesIdempotencyKey {

  /** The kinds of resources the operation can create; none for an action on a resource. */
  Created.Kind[] creates();

  /** Whether the body may be too large for memory. */
  boolean largeBody() default false;
}
