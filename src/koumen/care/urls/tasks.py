"""URLs of tasks."""

from django.urls import path

from koumen.care.views import tasks

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/new/", tasks.task_new, name="task_new"),
    path("tasks/<int:pk>/", tasks.task, name="task"),
    path("tasks/<int:pk>/finish/", tasks.task_finish, name="task_finish"),
    path("tasks/<int:pk>/verify/", tasks.task_verify, name="task_verify"),
    path("tasks/<int:pk>/drop/", tasks.task_drop, name="task_drop"),
]
