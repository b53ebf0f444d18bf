package io.trainyard.api.edge;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.access.FairSlots;
import io.trainyard.access.Proxies;
import io.trainyard.api.Probes;
import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.api.RequestPlace;
import io.trainyard.api.ScopedRequest;
import io.trainyard.error.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Bounds the requests that are answered at once: each has its own virtual thread, so no pool of
 * threads bounds them. One address leaves places to others, fewer where it predicts, and other
 * requests leave places to predictions. Health is always answered.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class RequestLimit implements RequestFilter {
  /** One place of this many is for predictions alone. */
  private static final int PER_KEPT = 4;

  private final FairSlots places;

  /** Of these, the ones of requests that predict nothing. */
  private final FairSlots others;

  private final ProblemWriter problems;

  RequestLimit(
      EdgeProperties properties, Proxies proxies, ProblemWriter problems, MeterRegistry meters) {
    int most = properties.maxRequests();
    this.places = new FairSlots(most, proxies).measured("requests", meters);
    this.others = new FairSlots(most - most / PER_KEPT, proxies).measured("others", meters);
    this.problems = problems;
  }

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (Probes.isProbe(request.getRequestURI())) {
      chain.doFilter(request, response);
      return;
    }
    FairSlots.Place place = take(request);
    if (place == null) {
      // Its caller may have sent more requests already, which would be refused too.
      response.setHeader("Connection", "close");
      problems.refuse(
          ErrorCode.UNAVAILABLE,
          "The service answers at most "
              + places.most()
              + " requests at once, and has no place left for one more of this address;"
              + " retry later",
          request,
          response);
      return;
    }
    try (place) {
      RequestPlace own = new RequestPlace(place);
      ScopedRequest.run(
          rest -> ScopedValue.where(RequestPlace.CURRENT, own).call(rest),
          () -> chain.doFilter(request, response));
    }
  }

  private FairSlots.@Nullable Place take(HttpServletRequest request) {
    String address = request.getRemoteAddr();
    if (predicts(request)) {
      return places.takeMostFor(address);
    }
    FairSlots.Place other = others.takeFor(address);
    if (other == null) {
      return null;
    }
    FairSlots.Place place = places.takeMostFor(address);
    if (place == null) {
      other.close();
      return null;
    }
    return () -> {
      place.close();
      other.close();
    };
  }

  static boolean predicts(HttpServletRequest request) {
    return request.getMethod().equals("POST")
        && FrequentRoutes.ENDS.stream().anyMatch(request.getRequestURI()::endsWith);
  }
}
