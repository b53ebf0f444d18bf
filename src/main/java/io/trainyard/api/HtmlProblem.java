package io.trainyard.api;

/** How a problem looks in a browser; a port, so that this package need not know the pages. */
public interface HtmlProblem {
  String page(Problem problem);
}
