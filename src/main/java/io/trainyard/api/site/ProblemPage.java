package io.trainyard.api.site;

import io.trainyard.api.HtmlProblem;
import io.trainyard.api.Problem;
import org.springframework.stereotype.Component;

/** A problem as a page with the contents of the documentation, so that there is a way on. */
@Component
final class ProblemPage implements HtmlProblem {
  @Override
  public String page(Problem problem) {
    StringBuilder main =
        new StringBuilder("<h1>%s</h1>\n".formatted(PageLayout.escape(problem.title())));
    main.append("<p>").append(PageLayout.escape(problem.detail())).append("</p>\n");
    problem
        .errors()
        .forEach(
            error ->
                main.append(
                    "<p><code>%s</code>: %s</p>\n"
                        .formatted(
                            PageLayout.escape(error.pointer()),
                            PageLayout.escape(error.detail()))));
    main.append(
        "<p>%d <a href=\"%s\">%s</a></p>\n"
            .formatted(
                problem.status(),
                PageLayout.escape(problem.help()),
                PageLayout.escape(problem.code())));
    return PageLayout.ofProblem(problem.title(), main.toString());
  }
}
