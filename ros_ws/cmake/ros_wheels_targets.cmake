# After project(): the exported targets of the ROS 2 wheels name the Python of the machine that built
# them (/opt/python/...).  Once every package is found, replace those paths by this machine's Python.

function(_replace_foreign_python)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    foreach(property INTERFACE_INCLUDE_DIRECTORIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES INTERFACE_LINK_LIBRARIES)
      get_target_property(value ${target} ${property})
      if(value AND value MATCHES "/opt/python/")
        list(FILTER value EXCLUDE REGEX "^/opt/python/")
        set_target_properties(${target} PROPERTIES ${property} "${value}")
      endif()
    endforeach()
  endforeach()
endfunction()

cmake_language(DEFER CALL _replace_foreign_python)
