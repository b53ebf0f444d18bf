package io.trainyard.api.edge;

import io.trainyard.api.CallerValve;
import io.trainyard.api.RequestFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Ends connections whose reader is too slow: a large answer would hold its place for as long as one
 * byte is read now and then. Tomcat by itself ends only those that read nothing.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
record ReaderRateFilter(EdgeProperties properties) implements RequestFilter {
  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(request, new Timed(request, response));
  }

  private final class Timed extends HttpServletResponseWrapper {
    private final HttpServletRequest request;
    private @Nullable ServletOutputStream stream;

    Timed(HttpServletRequest request, HttpServletResponse response) {
      super(response);
      this.request = request;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      if (stream == null) {
        stream =
            new RateCheckedAnswer(
                super.getOutputStream(),
                properties,
                System::nanoTime,
                () -> CallerValve.breakOff(request));
      }
      return stream;
    }
  }
}
