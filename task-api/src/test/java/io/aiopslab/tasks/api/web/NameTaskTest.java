package io.aiopslab.tasks.api.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.servlet.HandlerMapping;

class NameTaskTest {
  private static final String ID = "019ac8a5-6e2b-7c1d-8f00-0123456789ab";

  private final NameTask interceptor = new NameTask();

  @AfterEach
  void clear() {
    MDC.clear();
  }

  @Test
  void aRequestAboutATaskNamesItUntilItIsOver() {
    MockHttpServletRequest request = request("/api/v1/tasks/" + ID + "/logs", Map.of("id", ID));
    assertThat(MDC.get("task_id")).isEqualTo(ID);
    interceptor.afterCompletion(request, new MockHttpServletResponse(), this, null);
    assertThat(MDC.get("task_id")).isNull();
  }

  @Test
  void aRequestThatWaitsLeavesItsThreadWithoutAName() {
    MockHttpServletRequest request = request("/api/v1/sessions/" + ID, Map.of("id", ID));
    assertThat(MDC.get("task_id")).isEqualTo(ID);
    interceptor.afterConcurrentHandlingStarted(request, new MockHttpServletResponse(), this);
    assertThat(MDC.get("task_id")).isNull();
  }

  @Test
  void aReportNamesTaskAndWorker() {
    request("/api/v1/workers/kind-1/tasks/x/logs", Map.of("id", "kind-1", "task_id", ID));
    assertThat(MDC.get("task_id")).isEqualTo(ID);
    assertThat(MDC.get("worker_id")).isEqualTo("kind-1");
  }

  @Test
  void whatIsNoIdIsNotLogged() {
    request("/api/v1/tasks/x", Map.of("id", ID + "\n2026-11-23 ERROR forged"));
    request("/api/v1/workers/x", Map.of("id", "a b"));
    request("/api/v1/groups/" + ID, Map.of("id", ID));
    assertThat(MDC.get("task_id")).isNull();
    assertThat(MDC.get("worker_id")).isNull();
  }

  private MockHttpServletRequest request(String uri, Map<String, String> path) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", uri);
    request.setAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE, path);
    assertThat(interceptor.preHandle(request, new MockHttpServletResponse(), this)).isTrue();
    return request;
  }
}
