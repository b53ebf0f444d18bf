package io.trainyard.api.docs;

import java.util.List;

/** Tells which scopes an operation needs. */
@FunctionalInterface
public interface OperationScopes {
  /** The scopes of which a caller needs one; none for an operation that is open to all. */
  List<String> of(String method, String path);
}
