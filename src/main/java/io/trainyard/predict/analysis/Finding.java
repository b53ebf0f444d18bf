package io.trainyard.predict.analysis;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** One thing that was found out about each row. */
interface Finding {
  /** The members that it adds. */
  List<String> members();

  /** Adds what was found to the prediction of a row. */
  void addTo(int row, ObjectNode prediction);
}
